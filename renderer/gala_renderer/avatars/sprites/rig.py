"""How a pose moves the parts of a drawn body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from gala_renderer.avatars.body import Box, Placement
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.sprites.affine import Affine

_STEP: Final = 0.125
"""Positions of the head are multiples of this many pixels: less is not redrawn."""
_BODY_STEP: Final = 0.5
"""The same for the torso, which is large, moves slowly and is not looked at."""
_YAW: Final = 0.011
"""Displacement of the features per degree of yaw, as a fraction of the face's height."""
_PITCH: Final = 0.010
_BREATH: Final = 0.012
"""Rise of the chest at a full breath, as a fraction of the face's height."""


@dataclass(frozen=True, slots=True)
class Rig:
    """Moves parts of a picture that is placed in a frame.

    Parts have a depth: 1 for the features of the face, 0 for the axis of the head, negative for
    what lies behind it. A turn of the head shifts each part by its depth.
    """

    face: Box
    neck: tuple[float, float]
    """The point about which the head tilts."""
    placement: Placement

    def body(self, pose: Pose) -> Affine:
        """Return the transformation of the torso, in pixels of the frame."""
        height = self.face_height
        x, y = height * pose.sway_x * 0.6, height * (pose.sway_y * 0.6 - pose.breath * _BREATH)
        return Affine.shift(
            round((self.placement.x + x) / _BODY_STEP) * _BODY_STEP,
            round((self.placement.y + y) / _BODY_STEP) * _BODY_STEP,
        )

    def head(self, pose: Pose, depth: float, offset: tuple[float, float] = (0, 0)) -> Affine:
        """Return the transformation of a part of the head; ``offset`` in pixels of the picture."""
        height, scale = self.face_height, self.placement.scale
        x = pose.sway_x + pose.yaw * _YAW * depth
        y = pose.sway_y + pose.pitch * _PITCH * depth - pose.breath * _BREATH
        return self._quantized(
            pose.roll, x * height + offset[0] * scale, y * height + offset[1] * scale
        )

    def _quantized(self, roll: float, x: float, y: float) -> Affine:
        degrees = math.degrees(_STEP / (2 * self.face_height))
        scale = self.placement.scale
        turned = Affine.rotation(
            round(roll / degrees) * degrees,
            self.neck[0] * scale + self.placement.x,
            self.neck[1] * scale + self.placement.y,
        )
        x, y = round(x / _STEP) * _STEP, round(y / _STEP) * _STEP
        return turned.after_shift(self.placement.x + x, self.placement.y + y)

    @property
    def face_height(self) -> float:
        """Height of the face in pixels of the frame."""
        return self.face.height * self.placement.scale
