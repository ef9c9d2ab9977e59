"""The easing functions of CSS, and those of Robert Penner that CSS does not have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from gala.timeline.document.easing import CubicBezier, Easing, EasingCurve

_CURVES: Final[Mapping[Easing, CubicBezier]] = {
    Easing.EASE: CubicBezier(0.25, 0.1, 0.25, 1.0),
    Easing.EASE_IN: CubicBezier(0.42, 0.0, 1.0, 1.0),
    Easing.EASE_OUT: CubicBezier(0.0, 0.0, 0.58, 1.0),
    Easing.EASE_IN_OUT: CubicBezier(0.42, 0.0, 0.58, 1.0),
}
"""The control points of CSS's cubic Bézier curves."""
_STEPS: Final = 40
_OVERSHOOT: Final = 1.70158
"""Penner's: a tenth of the way."""


def eased(easing: EasingCurve, progress: float) -> float:
    """Return how far a value has come, 0 to 1, when that fraction of the time has passed.

    ``back``, ``elastic`` and some curves go further than 0 and 1 in between.
    """
    if progress <= 0 or progress >= 1:
        return min(max(progress, 0.0), 1.0)
    if easing is Easing.STEP_END:
        return 0.0
    if easing is Easing.LINEAR:
        return progress
    if isinstance(easing, Easing) and easing in _FUNCTIONS:
        return _FUNCTIONS[easing](progress)
    return _on_curve(easing if isinstance(easing, CubicBezier) else _CURVES[easing], progress)


def _on_curve(curve: CubicBezier, progress: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _bezier(curve.x1, curve.x2, middle) < progress:
            low = middle
        else:
            high = middle
    return _bezier(curve.y1, curve.y2, (low + high) / 2)


def _bezier(first: float, second: float, at: float) -> float:
    rest = 1 - at
    return 3 * rest * rest * at * first + 3 * rest * at * at * second + at**3


def _back(at: float) -> float:
    return (_OVERSHOOT + 1) * at**3 - _OVERSHOOT * at**2


def _bounced(at: float) -> float:
    """Return the height of a ball that falls to 1, and bounces there three times."""
    for end, middle, low in ((1, 0, 0), (2, 1.5, 0.75), (2.5, 2.25, 0.9375)):
        if at < end / 2.75:
            return 7.5625 * (at - middle / 2.75) ** 2 + low
    return 7.5625 * (at - 2.625 / 2.75) ** 2 + 0.984375


def _swung(at: float) -> float:
    """Return where a spring is that comes to rest at 1."""
    return math.pow(2, -10 * at) * math.sin((10 * at - 0.75) * 2 * math.pi / 3) + 1


_FUNCTIONS: Final[Mapping[Easing, Callable[[float], float]]] = {
    Easing.EASE_IN_BACK: _back,
    Easing.EASE_OUT_BACK: lambda at: 1 - _back(1 - at),
    Easing.EASE_OUT_BOUNCE: _bounced,
    Easing.EASE_OUT_ELASTIC: _swung,
}
