"""Easing functions, by name or as curves; apart, so that programs that draw need no models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

_NUMBER: Final = r"\s*([+-]?(?:\d{1,3}(?:\.\d{0,12})?|\.\d{1,12}))\s*"
CURVE_PATTERN: Final = rf"cubic-bezier\({','.join([_NUMBER] * 4)}\)"
MAX_BEYOND: Final = 10.0
"""How far a curve's control points may be above 1 or below 0."""


class Easing(StrEnum):
    """How a value goes from one keyframe to the next.

    The names are those of CSS, and of easings.net for those that go back, bounce or swing.
    """

    LINEAR = "linear"
    EASE = "ease"
    EASE_IN = "ease-in"
    EASE_OUT = "ease-out"
    EASE_IN_OUT = "ease-in-out"
    STEP_END = "step-end"
    EASE_IN_BACK = "ease-in-back"
    EASE_OUT_BACK = "ease-out-back"
    EASE_OUT_BOUNCE = "ease-out-bounce"
    EASE_OUT_ELASTIC = "ease-out-elastic"


@dataclass(frozen=True, slots=True)
class CubicBezier:
    """A curve of CSS, ``cubic-bezier(x1, y1, x2, y2)``, from 0, 0 to 1, 1; x are 0 to 1."""

    x1: float
    y1: float
    x2: float
    y2: float

    def __str__(self) -> str:
        numbers = (self.x1, self.y1, self.x2, self.y2)
        return f"cubic-bezier({', '.join(f'{one:.12g}' for one in numbers)})"

    @classmethod
    def parsed(cls, text: str) -> CubicBezier:
        """Return the curve of a text. Raise ValueError if it is none, or out of range."""
        found = re.fullmatch(CURVE_PATTERN, text.strip(), re.IGNORECASE)
        if found is None:
            raise ValueError("not a curve")
        curve = cls(*map(float, found.groups()))
        if not (0 <= curve.x1 <= 1 and 0 <= curve.x2 <= 1):
            raise ValueError("a time out of range")
        if max(abs(curve.y1), abs(curve.y2)) > MAX_BEYOND:
            raise ValueError("a value out of range")
        return curve


EasingCurve: TypeAlias = Easing | CubicBezier
