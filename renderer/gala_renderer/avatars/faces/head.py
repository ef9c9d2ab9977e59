"""The turn of a head, from the depths of the points of its face."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named


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
    """Return the turn of a head: the directions from eye to eye, and from forehead to chin.

    The mesh is flatter than a head, so that large turns are estimated too low by some degrees.
    """
    left = points[[*named.LEFT_EYE_UPPER, *named.LEFT_EYE_LOWER]].mean(0)
    right = points[[*named.RIGHT_EYE_UPPER, *named.RIGHT_EYE_LOWER]].mean(0)
    across = (right - left).astype(np.float64)
    down = (points[named.CHIN] - points[named.FOREHEAD]).astype(np.float64)
    forward = np.cross(across, down)  # away from the viewer
    forward /= max(float(np.linalg.norm(forward)), 1e-9)
    return HeadAngles(
        yaw=-math.degrees(math.asin(max(-1.0, min(1.0, float(forward[0]))))),
        pitch=-math.degrees(math.atan2(float(forward[1]), float(forward[2]))),
        roll=math.degrees(math.atan2(float(across[1]), float(across[0]))),
    )
