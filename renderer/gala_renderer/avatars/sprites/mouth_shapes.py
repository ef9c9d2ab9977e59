"""The nine mouth shapes of drawn animation, and which one a pose shows.

The shapes are Preston Blair's as Rhubarb Lip Sync names them: A lips shut (m, b, p), B teeth
nearly together (ee, s), C open (eh), D wide open (ah), E slightly rounded (oh), F puckered (oo),
G lower lip at the upper teeth (f, v), H tongue raised (l), X at rest.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gala_renderer.avatars.pose import Pose

SHAPES: Final = "ABCDEFGHX"

_NEAREST: Final = {
    "A": "AXGBCHEDF",
    "B": "BGAXCHEDF",
    "C": "CHBGDAXEF",
    "D": "DCHBGAXEF",
    "E": "ECHBGAXDF",
    "F": "FBGAXCHED",
    "G": "GABCHXEDF",
    "H": "HCBGDAXEF",
    "X": "XAGBCHEDF",
}
"""Shapes that stand in for one that is missing, nearest first: the order of effort in Rhubarb Lip
Sync 1.14 (MIT), ``animationRules.cpp``."""

_OPEN: Final = {
    # shape: opening, spread, round, lip to teeth, tongue
    "B": (0.16, 0.5, 0.0, 0.0, 0.0),
    "C": (0.45, 0.25, 0.0, 0.0, 0.0),
    "D": (0.90, 0.1, 0.0, 0.0, 0.0),
    "E": (0.45, 0.0, 0.55, 0.0, 0.0),
    "F": (0.20, 0.0, 1.0, 0.0, 0.0),
    "G": (0.15, 0.0, 0.0, 1.0, 0.0),
    "H": (0.40, 0.1, 0.0, 0.0, 1.0),
}
_IMPORTANCE: Final = (2.2, 0.5, 0.9, 1.0, 0.5)
_SHUT: Final = 0.05
"""Lips less apart than this are shut."""
_PRESSED: Final = 0.3
_MARGIN: Final = 0.06
"""How much better another open shape has to fit before it replaces the one that is shown."""
_HOLD: Final = 2
"""Frames for which an open shape stays."""


def nearest(shape: str, available: Collection[str]) -> str:
    """Return the shape that stands in for ``shape``; ``available`` is not empty."""
    return next(other for other in _NEAREST[shape] if other in available)


def opening(pose: Pose) -> float:
    """Return how far the lips are apart, 0 to 1; a jaw at rest still parts unshut lips a little."""
    return min(max((1 - pose.shut) * (0.12 + 0.88 * pose.jaw), 0.0), 1.0)


class ShapeChooser:
    """Chooses the shape of each frame in turn.

    Lips shut and open at once, because that is what viewers notice; between open shapes it waits
    until one has been seen for two frames and another fits clearly better, so nothing flickers.
    """

    def __init__(self) -> None:
        self._shape = "X"
        self._age = _HOLD

    def choose(self, pose: Pose) -> str:
        """Return the shape for the next frame."""
        shape = self._wanted(pose)
        self._age = self._age + 1 if shape == self._shape else 1
        self._shape = shape
        return shape

    def _wanted(self, pose: Pose) -> str:
        if opening(pose) < _SHUT:
            return "A" if pose.press >= _PRESSED else "X"
        distances = _distances(pose)
        best = min(distances, key=lambda shape: distances[shape])
        if self._shape not in distances:
            return best
        if self._age < _HOLD or distances[self._shape] - distances[best] < _MARGIN:
            return self._shape
        return best


def _distances(pose: Pose) -> dict[str, float]:
    weights = (opening(pose), pose.spread, pose.round, pose.lip_to_teeth, pose.tongue)
    return {
        shape: sum(
            importance * (weight - there) ** 2
            for importance, weight, there in zip(_IMPORTANCE, weights, prototype, strict=True)
        )
        for shape, prototype in _OPEN.items()
    }
