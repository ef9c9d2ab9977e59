"""The functions of expressions, and the limit of the work that expressions may cause."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from gala.timeline.compilation.contrast import LEAST, contrast

MAX_RANGE: Final = 1000
MAX_DIGITS: Final = 12
MAX_WORK: Final = 10_000_000
"""How many entries of lists and characters the expressions of a composition may go through."""


class ExpressionError(Exception):
    """An expression cannot be evaluated; ``rule`` and ``remedy`` are sentences."""

    def __init__(self, rule: str, remedy: str):
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{rule} {remedy}")


class Work:
    """Counts the entries and characters that expressions go through.

    A short loop may otherwise go through a long list as often as a composition has values.
    """

    def __init__(self) -> None:
        self._done = 0

    def add(self, *values: Any) -> None:
        """Count the entries or characters of the values. Raise ExpressionError above the limit."""
        self._done += sum(len(one) for one in values if isinstance(one, str | list | Mapping))
        if self._done > MAX_WORK:
            raise ExpressionError(
                "The expressions go through too many values.", "Use shorter lists and texts."
            )


def _range(first: float, end: float | None = None) -> list[int]:
    start, stop = (0, int(first)) if end is None else (int(first), int(end))
    if abs(stop - start) > MAX_RANGE:
        raise ExpressionError("The range is too long.", f"At most {MAX_RANGE} numbers.")
    return list(range(start, stop, 1 if stop >= start else -1))


def _largest(*values: Any) -> Any:
    return max(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


def _smallest(*values: Any) -> Any:
    return min(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


def _each(values: list[Any], name: str) -> list[Any]:
    return [one[name] for one in values]


def _start(text: Any) -> str:
    """Return the side on which a text begins: ``right`` for Arabic and Hebrew, else ``left``."""
    for character in str(text or ""):
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return "left" if direction == "L" else "right"
    return "left"


def _rounded(value: float, digits: int = 0) -> float:
    # With -1e9 digits, Python would calculate 10 to the power of 1e9.
    if abs(digits) > MAX_DIGITS:
        raise ExpressionError("There are too many digits.", f"Round to at most {MAX_DIGITS}.")
    return round(value, digits) if digits else round(value)


def _legible(behind: str, *colors: str) -> str:
    """Return the first color that can be read on ``behind``, or the one of most contrast."""
    readable = [one for one in colors if contrast(one, behind) >= LEAST]
    return readable[0] if readable else max(colors, key=lambda one: contrast(one, behind))


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len,
    "round": _rounded,
    "min": _smallest,
    "max": _largest,
    "abs": abs,
    "upper": str.upper,
    "lower": str.lower,
    "strip": str.strip,
    "range": _range,
    "each": _each,
    "start": _start,
    "legible": _legible,
}
"""The functions of expressions. ``each(items, "price")`` lists a member of all items.
``legible(behind, color, …)`` is the first color that can be read on another."""
