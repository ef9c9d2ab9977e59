"""The names of easing functions; apart, so that programs that draw need no models."""

from __future__ import annotations

from enum import StrEnum


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
