"""What Pydantic found wrong with params, in the words of our models.

A rule between fields is told by its model as ``ValueError("end: must be later than start")``; the
field before the colon (the first, if several) is where the problem is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PREFIX: Final = "Value error, "
_NAMED: Final = re.compile(r"([a-z]\w*(?:\.\w+)*)(?:, \w+)*: (.+)", re.DOTALL)


def located(raw: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Where one of the listed errors is, and what it says."""
    where = tuple(str(part) for part in raw["loc"] if not str(part).startswith("function-"))
    context = raw.get("ctx", {})
    match raw["type"]:
        case "value_error":
            return _named(where, str(raw["msg"]).removeprefix(_PREFIX))
        case "too_short":
            return where, f"At least {_items(context['min_length'])} required."
        case "too_long" if "actual_length" in context:
            return where, f"At most {_items(context['max_length'])} allowed."
    return where, str(raw["msg"])


def _items(count: int) -> str:
    return "1 item is" if count == 1 else f"{count} items are"


def _named(where: tuple[str, ...], message: str) -> tuple[tuple[str, ...], str]:
    named = _NAMED.fullmatch(message)
    if named is None:
        return where, message
    field = tuple(named[1].split("."))
    if where[-len(field) :] == field:
        return where, named[2]
    return (*where, *field), named[2]
