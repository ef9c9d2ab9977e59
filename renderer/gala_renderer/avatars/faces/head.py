"""The turn of a head, from the depths of the points of its face."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_UPRIGHT: Final = {
    10: (0.0, 8.262, 4.482),
    33: (-4.446, 2.664, 3.173),
    133: (-1.856, 2.585, 3.758),
    362: (1.856, 2.585, 3.758),
    263: (4.446, 2.664, 3.173),
    168: (0.0, 3.271, 5.236),
    6: (0.0, 2.473, 5.789),
    4: (0.0, -0.463, 7.587),
    98: (-1.406, -1.714, 5.241),
    327: (1.406, -1.714, 5.241),
    127: (-7.743, 2.365, -2.005),
    356: (7.743, 2.365, -2.005),
    132: (-7.271, -2.891, -2.252),
    361: (7.271, -2.891, -2.252),
}
"""Points that no expression moves, of a face that looks at the viewer: centimetres to the right, up
and forward; from ``mediapipe/modules/face_geometry/data/canonical_face_model.obj``."""


@dataclass(frozen=True, slots=True)
class HeadAngles:
    """The turn of a head in degrees; 0, 0, 0 looks at the viewer, upright.

    ``yaw`` is positive if it looks to the right of the picture, ``pitch`` if it looks down, and
    ``roll`` if it is tilted clockwise.
    """

    yaw: float
    pitch: float
    roll: float


def head_angles(points: NDArray[np.float32]) -> HeadAngles:
    """Return the turn that fits a face best (Kabsch's algorithm); good to some 5 degrees."""
    seen = points[list(_UPRIGHT)].astype(np.float64)
    # Right, down and away from the viewer, as the points of pictures are.
    upright = np.array(list(_UPRIGHT.values())) * (1, -1, -1)
    u, _, v = np.linalg.svd((seen - seen.mean(0)).T @ (upright - upright.mean(0)))
    turn = u @ np.diag((1, 1, np.sign(np.linalg.det(u @ v)))) @ v
    gaze, across = -turn[:, 2], turn[:, 0]
    return HeadAngles(
        yaw=math.degrees(math.atan2(gaze[0], -gaze[2])),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, gaze[1])))),
        roll=math.degrees(math.atan2(across[1], across[0])),
    )
