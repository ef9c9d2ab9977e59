"""Pydantic's validation errors as :class:`gala.errors.InvalidRequest`.

A validator that checks several fields raises ``ValueError("end: must be later than start")``: the
name before the colon (the first, if there are several) is the field that the error is reported for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gala.errors import InvalidRequest
from gala.name_suggestions import nearest
from gala.visible_text import VISIBLE_TEXT

_PREFIX: Final = "Value error, "
_VISIBLE: Final = (
    "Text to be seen is required, without control characters other than tabs and line breaks."
)
_QUOTED: Final = re.compile(r"'([^']*)'")
_FIELD_MESSAGE: Final = re.compile(r"([a-z]\w*(?:\.\w+)*)(?:, \w+)*: (.+)", re.DOTALL)


def invalid_request(error: ValidationError, within: str = "") -> InvalidRequest:
    """Return the first problem in ``error`` as an ``InvalidRequest``.

    ``within`` is the dotted path of the field that holds the validated object; empty for the body.
    """
    path, message = first_problem(error)
    field = ".".join((within, *path) if within else path)
    return InvalidRequest(f"{field}: {message}" if field else message, field=field or None)


def first_problem(error: ValidationError) -> tuple[tuple[str, ...], str]:
    """Return the path of the first invalid field and the message about it."""
    return locate(causes(error.errors(include_url=False))[0])


def causes(problems: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the problems without those that only follow from others.

    Pydantic does not count the invalid items of a list: one that has invalid items only is too
    short, too.
    """
    found = list(problems)
    places = {tuple(problem["loc"]) for problem in found}
    around = {place[:length] for place in places for length in range(len(place))}
    return [
        problem
        for problem in found
        if problem["type"] != "too_short" or tuple(problem["loc"]) not in around
    ]


def locate(problem: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the path of the invalid field and the message about it.

    ``problem`` is an item of Pydantic's ``ValidationError.errors()``.
    """
    path = tuple(str(part) for part in problem["loc"] if not str(part).startswith("function-"))
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return _split_field(path, str(problem["msg"]).removeprefix(_PREFIX))
    return path, _message(problem, context)


def _message(problem: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    match problem["type"]:
        case "too_short":
            return f"At least {_items(context['min_length'])} required."
        case "enum" | "literal_error":
            return _choice(str(problem["msg"]), context, problem.get("input"))
        case "string_pattern_mismatch" if context["pattern"] == VISIBLE_TEXT:
            return _VISIBLE
        case "too_long" if "actual_length" in context:
            return f"At most {_items(context['max_length'])} allowed."
    return str(problem["msg"])


def ended(message: str) -> str:
    """Return a message with a full stop, unless it ends a sentence already."""
    return message if message.endswith((".", "?")) else f"{message}."


def _choice(message: str, context: Mapping[str, Any], value: object) -> str:
    """Return the message about a value that is none of a few, with the one that was meant."""
    names = _QUOTED.findall(str(context.get("expected", "")))
    meant = nearest(value, names) if isinstance(value, str) else None
    return f"{message}; did you mean {meant!r}?" if meant else message


def _items(count: int) -> str:
    return "1 item is" if count == 1 else f"{count} items are"


def _split_field(path: tuple[str, ...], message: str) -> tuple[tuple[str, ...], str]:
    """Move the field name at the start of the message, if any, to the path."""
    match = _FIELD_MESSAGE.fullmatch(message)
    if match is None:
        return path, message
    field = tuple(match[1].split("."))
    if path[-len(field) :] == field:
        return path, match[2]
    return (*path, *field), match[2]
