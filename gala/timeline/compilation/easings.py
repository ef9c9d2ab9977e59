"""CSS's easing functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gala.timeline.document.easing import Easing

_CURVES: Final[Mapping[Easing, tuple[float, float, float, float]]] = {
    Easing.EASE: (0.25, 0.1, 0.25, 1.0),
    Easing.EASE_IN: (0.42, 0.0, 1.0, 1.0),
    Easing.EASE_OUT: (0.0, 0.0, 0.58, 1.0),
    Easing.EASE_IN_OUT: (0.42, 0.0, 0.58, 1.0),
}
"""The control points of CSS's cubic Bézier curves."""
_STEPS: Final = 40


def eased(easing: Easing, progress: float) -> float:
    """Return how far a value has come, 0 to 1, when that fraction of the time has passed."""
    if progress <= 0 or progress >= 1:
        return min(max(progress, 0.0), 1.0)
    if easing is Easing.STEP_END:
        return 0.0
    if easing is Easing.LINEAR:
        return progress
    x1, y1, x2, y2 = _CURVES[easing]
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _bezier(x1, x2, middle) < progress:
            low = middle
        else:
            high = middle
    return _bezier(y1, y2, (low + high) / 2)


def _bezier(first: float, second: float, at: float) -> float:
    rest = 1 - at
    return 3 * rest * rest * at * first + 3 * rest * at * at * second + at**3
