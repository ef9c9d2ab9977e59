"""The params schema of a template: JSON Schema or a short form of it, and validation by it.

The short form maps each param to `{"type", "min", "max", "nullable", "default", "enum", …}`; a
param that is neither nullable nor has a default is required.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import jsonschema_rs
from pydantic_core import to_json

from gala.errors import InvalidRequest
from gala.name_suggestions import nearest, suggestion
from gala.templates.params_schema_help import remedy, sample, with_files
from gala.templates.params_schema_limits import MAX_SCHEMA_BYTES, check_cost, rejection
from gala.timeline.problems import Problem, pointer

MAX_PARAMS_BYTES: Final = 256 * 1024

_PATTERNS: Final = jsonschema_rs.RegexOptions(size_limit=2 * 1024 * 1024)
_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "color": {"type": "string", "format": "color", "maxLength": 30},
    **{
        kind: {"type": "string", "format": kind, "minLength": 1, "maxLength": 2000}
        for kind in ("image", "video", "audio")
    },
}
"""Types that only the short form has: a color, and files (an asset's id, a URL, a path)."""
_TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")
"""The types of JSON Schema."""
_BOUNDS: Final = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
}


def _is_full(schema: Mapping[str, Any]) -> bool:
    if isinstance(schema.get("type"), (str, list)) or "$schema" in schema:
        return True
    properties = schema.get("properties")
    return isinstance(properties, dict) and not isinstance(properties.get("type"), str)


def _expand_param(name: str, short: Any) -> dict[str, Any]:
    if not isinstance(short, dict):
        raise InvalidRequest(
            f"params_schema.{name[:80]}: Describe the param by an object, e.g."
            ' {"type": "string", "max": 80}.',
            field=f"params_schema.{name[:80]}",
            rule="short_form",
        )
    full = {key: value for key, value in short.items() if key not in {"min", "max", "nullable"}}
    named = full.get("type", "string")
    if isinstance(named, str) and named not in {*_TYPES, *_KINDS}:
        field = f"params_schema.{name[:80]}.type"
        raise InvalidRequest(
            f"{field}: There is no type {named[:40]!r}. {suggestion(named, [*_TYPES, *_KINDS])}",
            field=field,
            rule="unknown_type",
        )
    if isinstance(named, str) and named in _KINDS:
        full = {**full, **_KINDS[named]}
    kind = full.get("type", "string")
    low, high = _BOUNDS.get(kind if isinstance(kind, str) else "", ("minimum", "maximum"))
    full |= {key: short[bound] for bound, key in (("min", low), ("max", high)) if bound in short}
    if short.get("nullable") is True:
        full["type"] = [kind, "null"]
    return full


def expand(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema as full JSON Schema, whichever form it has."""
    if not schema or _is_full(schema):
        return dict(schema)
    properties = {name: _expand_param(name, short) for name, short in schema.items()}
    required = [
        name
        for name, short in schema.items()
        if short.get("nullable") is not True and "default" not in short
    ]
    return {"type": "object", "properties": properties, "required": required}


class ParamsSchema:
    """A compiled schema. Patterns run on an engine without backtracking, so they cannot hang."""

    def __init__(self, schema: Mapping[str, Any]):
        """Compile a schema. Raise InvalidRequest (field ``params_schema``) if it is not valid."""
        _check_size("params_schema", schema, MAX_SCHEMA_BYTES)
        full = expand(schema)
        check_cost(full)
        self._validator = _compile(full)
        if "object" not in full.get("type", "object"):
            raise rejection('Params are an object; set "type" to "object".', "type")
        properties = full.get("properties", {})
        self._properties: Mapping[str, Any] = properties
        self._names = list(properties)
        self._defaults = {
            name: one["default"]
            for name, one in properties.items()
            if isinstance(one, dict) and "default" in one
        }

    @property
    def names(self) -> Sequence[str]:
        """The names of the params that the schema declares."""
        return self._names

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The defaults that the schema declares."""
        return self._defaults

    @property
    def samples(self) -> Mapping[str, Any]:
        """A value of each param that has no default, such as it could be."""
        return {
            name: sample(one)
            for name, one in self._properties.items()
            if name not in self._defaults and isinstance(one, dict)
        }

    def with_files(self, params: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
        """Return sample params with files by kind: ``image``, ``audio``, ``video``."""
        found: dict[str, Any] = with_files({"properties": self._properties}, dict(params), files)
        return found

    def completed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the params with null, or its default, for each declared one that is missing."""
        found: dict[str, Any] = _completed({"properties": self._properties}, values)
        return found

    def problems(self, params: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what is wrong with params, each with its JSON pointer."""
        _check_size("params", params, MAX_PARAMS_BYTES)
        for error in self._validator.iter_errors(dict(params)):
            yield self._problem(error)

    def unknown_members(self, params: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield the members of objects within params that the schema does not declare."""
        for name, value in params.items():
            yield from _unknown_members(self._properties.get(name), value, (name,))

    def _problem(self, error: jsonschema_rs.ValidationError) -> Problem:
        path, kind, facts = list(error.instance_path), error.kind.name, error.kind.as_dict()
        if kind == "required":
            name = str(facts["property"])
            return Problem(pointer((*path, name)), "This param is required.", f'Add "{name}".')
        if kind == "additionalProperties":
            name = str(facts["unexpected"][0])[:80]
            meant = nearest(name, self._names)
            listed = f"There are: {', '.join(self._names)}."
            return Problem(
                pointer((*path, name)),
                f"The template has no variable {name!r}.",
                f"Did you mean {meant!r}?" if meant else listed,
            )
        return Problem(pointer(path), _sentence(error.message), remedy(kind, facts))

    def has_null(self, name: str) -> bool:
        """Return True if null is a value of that param."""
        errors = self._validator.iter_errors({name: None})
        return all(list(error.instance_path) != [name] for error in errors)

    def check(
        self, params: Mapping[str, Any], *, prefix: str = "params", complete: bool = True
    ) -> None:
        """Raise InvalidRequest for the first param that breaks a rule.

        With ``complete=False``, required params may be missing, as in defaults.
        """
        _check_size(prefix, params, MAX_PARAMS_BYTES)
        for error in self._validator.iter_errors(dict(params)):
            if complete or error.kind.name != "required":
                raise self._invalid(error, prefix)

    def _invalid(self, error: jsonschema_rs.ValidationError, prefix: str) -> InvalidRequest:
        """Return the error with the rules and messages of the rest of the API."""
        path = [prefix, *(str(part) for part in error.instance_path)]
        rule, facts = str(error.kind.name), error.kind.as_dict()
        message, meant = _sentence(error.message), None
        if rule == "required":
            rule, message = "missing", "This field is required."
            path.append(str(facts["property"]))
        elif rule == "additionalProperties":
            rule, message = "extra_forbidden", "The template's schema has no such param."
            path.append(str(facts["unexpected"][0])[:80])
            meant = nearest(path[-1], self._names)
        if meant:
            message = f"The template's schema has no such param; did you mean {meant!r}?"
            meant = ".".join([*path[:-1], meant])
        field = ".".join(path)
        return InvalidRequest(f"{field}: {message}", field=field, rule=rule, did_you_mean=meant)


def _completed(schema: Mapping[str, Any], value: Any) -> Any:
    """Return a value with null, or its default, for each declared member that is missing."""
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(value, Mapping) and isinstance(properties, Mapping):
        found = dict(value)
        for name, one in properties.items():
            inner = one if isinstance(one, Mapping) else {}
            found[name] = _completed(inner, found.get(name, inner.get("default")))
        return found
    if isinstance(value, list) and isinstance(items, Mapping):
        return [_completed(items, one) for one in value]
    return value


def _unknown_members(schema: Any, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if not isinstance(schema, Mapping):
        return
    declared = schema.get("properties")
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _unknown_members(schema.get("items"), one, (*path, number))
    elif isinstance(value, Mapping) and isinstance(declared, Mapping):
        for name, one in value.items():
            if name in declared:
                yield from _unknown_members(declared[name], one, (*path, name))
            elif "additionalProperties" not in schema:
                meant = nearest(name, [known for known in declared if known not in value])
                yield Problem(
                    pointer((*path, name[:80])),
                    f"There is no {name[:40]!r} here.",
                    f"Write {meant!r}." if meant else f"There are: {', '.join(declared)}.",
                )


def _compile(full: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(full, pattern_options=_PATTERNS, mask="This")
    except jsonschema_rs.ValidationError as error:
        place = ".".join(str(part) for part in error.instance_path)
        reason = f"at {place}: {error.message}" if place else error.message
        raise _no_schema(reason) from error
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise _no_schema(str(error)) from error


def _no_schema(reason: str) -> InvalidRequest:
    first_line = _short(reason.partition("\n")[0])
    return rejection(f"This is not a valid JSON Schema: {first_line}", "json_schema")


def _check_size(field: str, value: Mapping[str, Any], limit: int) -> None:
    if len(to_json(value)) > limit:
        raise InvalidRequest(f"{field}: At most {limit} bytes.", field=field, rule="too_large")


def _sentence(message: str) -> str:
    return f"{_short(message[:1].upper() + message[1:])}."


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"
