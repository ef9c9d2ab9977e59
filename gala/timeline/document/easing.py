"""The names of easing functions; apart, so that programs that draw need no models."""

from __future__ import annotations

from enum import StrEnum


class Easing(StrEnum):
    """How a value goes from one keyframe to the next; the names are those of CSS."""

    LINEAR = "linear"
    EASE = "ease"
    EASE_IN = "ease-in"
    EASE_OUT = "ease-out"
    EASE_IN_OUT = "ease-in-out"
    STEP_END = "step-end"
