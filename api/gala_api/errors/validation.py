"""Pydantic's validation errors as InvalidRequest, with all problems and the names meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_origin

from pydantic import BaseModel

from gala import ids
from gala.brand_kits import BRAND_NAME_PATTERN
from gala.errors import InvalidRequest
from gala.permissions import OWNER_PATTERN
from gala.validation import causes, ended, locate
from gala_api.schemas.common import EVENT_NUMBER, LINE, NO_CONTROLS

_MAX_PROBLEMS: Final = 20
_ALMOST: Final = 0.85
"""The similarity of names of which one is a slip of the other."""

_MESSAGES: Final = {
    "missing": "This field is required.",
    "model_attributes_type": "An object is required.",
    "dict_type": "An object is required.",
    "list_type": "A list is required.",
}
_PATTERNS: Final = {
    NO_CONTROLS: "Control characters are not allowed.",
    LINE: "A line to be seen is required, without control characters.",
    EVENT_NUMBER: "An event's id is a number.",
    BRAND_NAME_PATTERN: (
        "A brand kit's name is 1 to 63 lower-case letters, digits and . _ -, with a letter or digit"
        " first."
    ),
    OWNER_PATTERN: "An owner is 1 to 128 letters, digits and . _ : @ | + -.",
    **{
        ids.pattern(prefix): f"This does not look like {prefix}_01JD3Z4V8QJ6X2M0T5B7C9D1EF."
        for prefix in ids.Prefix
    },
}
"""Messages for values that do not match the regular expression of their field."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, or None."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def remedy(meant: str | None, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the name meant, or all known names."""
    return f"did you mean {meant!r}?" if meant else f"there are: {', '.join(known)}."


def invalid_fields(
    errors: Sequence[Mapping[str, Any]],
    *,
    prefix: Sequence[str] = (),
    model: type[BaseModel] | None = None,
) -> InvalidRequest:
    """Return an error that names the first invalid field, the rule and, for a typo, the right name.

    ``errors`` are the items of Pydantic's ``errors()``, all of them about ``model``; ``prefix`` is
    the path of the validated object. ``details.problems`` lists the first 20 of them.
    """
    problems = [_problem(error, prefix, model) for error in causes(errors)[:_MAX_PROBLEMS]]
    first = problems[0]
    # A misspelt name explains a missing one better than the other way round.
    for problem in problems:
        if problem["rule"] == "extra_forbidden" and "did_you_mean" in problem:
            first = problem
            break
    more = {"problems": problems} if len(problems) > 1 else {}
    extra = {key: value for key, value in first.items() if key not in {"field", "message"}}
    return InvalidRequest(
        f"{first['field']}: {first['message']}", field=first["field"], **extra, **more
    )


def _problem(
    error: Mapping[str, Any], prefix: Sequence[str], model: type[BaseModel] | None
) -> dict[str, Any]:
    path, text = locate(error)
    field = [part[:80] for part in path]
    rule = str(error["type"])
    problem: dict[str, Any] = {
        "field": ".".join([*prefix, *field]) or "body",
        "rule": rule,
        "message": _message(error, rule, text),
    }
    if rule == "extra_forbidden":
        around = _model_around(model, field)
        known = list(around.model_fields) if around else []
        meant = _meant(field[-1], around, known)
        problem["message"] = f"There is no field of this name. Known here: {', '.join(known)}."
        if meant:
            problem["did_you_mean"] = ".".join([*prefix, *field[:-1], meant])
            problem["message"] = f"There is no field of this name; did you mean {meant!r}?"
    return problem


def _meant(name: str, around: type[BaseModel] | None, known: Sequence[str]) -> str | None:
    """Return the field meant: one that is almost called so, one within another, a similar one."""
    almost = difflib.get_close_matches(name, known, n=1, cutoff=_ALMOST)
    return next(iter(almost), None) or _inner_name(around, name) or nearest(name, known)


def _message(error: Mapping[str, Any], rule: str, text: str) -> str:
    by_pattern = _PATTERNS.get(error.get("ctx", {}).get("pattern", ""))
    return ended(by_pattern or _MESSAGES.get(rule) or text)


def _model_around(model: type[BaseModel] | None, field: Sequence[str]) -> type[BaseModel] | None:
    """Return the model of the object that has the given field, if it is known."""
    for part in field[:-1]:
        if part.isdecimal():  # an item of a list, whose annotation names the model
            continue
        if model is None or part not in model.model_fields:
            return None
        model = model_in(model.model_fields[part].annotation)
    return model


def _inner_name(model: type[BaseModel] | None, name: str) -> str | None:
    """Return where an object within the model has a field of this name, as ``presenters.0.x``."""
    for outer, info in model.model_fields.items() if model else ():
        inner = model_in(info.annotation)
        if inner is not None and name in inner.model_fields:
            is_list = get_origin(info.annotation) in {tuple, list}
            return f"{outer}.0.{name}" if is_list else f"{outer}.{name}"
    return None


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation is, or that its union has, if any."""
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
