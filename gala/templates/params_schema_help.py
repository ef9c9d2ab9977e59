"""What a params schema tells people: sample values, and what to write instead of a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_SAMPLES: Final[Mapping[str, Any]] = {
    "string": "Text",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "null": None,
}
_MOST_ITEMS: Final = 1000
"""In the lists of a sample, with those in lists in it."""
_ELSEWHERE: Final = frozenset({"image", "video", "audio", "model"})
_FORMATS: Final[Mapping[str, str]] = {"color": "#336699"}


def sample(schema: Mapping[str, Any], most: int = _MOST_ITEMS) -> Any:
    """Return a value that the schema could allow; its lists have at most so many entries in all."""
    for chosen in (schema.get("examples"), schema.get("enum")):
        if isinstance(chosen, list) and chosen:
            return chosen[0]
    if "default" in schema:
        return schema["default"]
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    match kind:
        case "object":
            properties = schema.get("properties", {})
            named = ((name, one) for name, one in properties.items() if isinstance(one, dict))
            return {name: sample(one, most) for name, one in named}
        case "array":
            items = schema.get("items")
            number = max(1, min(int(schema.get("minItems", 1)), most))
            return [sample(items if isinstance(items, dict) else {}, most // number)] * number
        case "integer" | "number":
            return schema.get("minimum", 1)
    return _FORMATS.get(str(schema.get("format")), _SAMPLES.get(str(kind)))


def with_files(schema: Mapping[str, Any], value: Any, files: Mapping[str, str]) -> Any:
    """Return a sample value with files, by kind, where it names some; null where that is allowed.

    It has no model either, which only a server has.
    """
    kind = str(schema.get("format"))
    if kind in _ELSEWHERE:
        return None if "null" in schema.get("type", ()) else files.get(kind, value)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {
            name: with_files(properties.get(name, {}), one, files) for name, one in value.items()
        }
    if isinstance(value, list):
        return [with_files(schema.get("items", {}), one, files) for one in value]
    return value


def remedy(kind: str, facts: Mapping[str, Any]) -> str:
    """Return what to write instead of a value that breaks a rule of JSON Schema."""
    explain = _REMEDIES.get(kind)
    return "Change this value." if explain is None else explain(facts)


_TYPE_WORDS: Final[Mapping[str, str]] = {
    "string": "a text in quotes",
    "integer": "a whole number",
    "number": "a number without quotes",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def _types(facts: Mapping[str, Any]) -> str:
    return f"Write {' or '.join(_TYPE_WORDS.get(one, one) for one in facts['types'])}."


def _choices(facts: Mapping[str, Any]) -> str:
    return f"There are: {', '.join(map(str, facts['options']))}."


_REMEDIES: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "type": _types,
    "enum": _choices,
    "maxLength": lambda facts: f"Write at most {facts['limit']} characters.",
    "minLength": lambda facts: f"Write at least {facts['limit']} characters.",
    "maximum": lambda facts: f"Write {facts['limit']} or less.",
    "minimum": lambda facts: f"Write {facts['limit']} or more.",
    "maxItems": lambda facts: f"At most {facts['limit']} are allowed.",
    "minItems": lambda facts: f"At least {facts['limit']} are required.",
}
