"""Poses of a presenter over time: what motion computes and bodies draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """One frame of a presenter; the defaults are a body at rest, looking at the viewer.

    Left and right are those of the picture, not of the person. Weights of the mouth are from 0
    (none) to 1 (full) and combine freely; a body that cannot show one ignores it.
    """

    jaw: float = 0.0
    """Opening of the jaw; 1 is the widest vowel of loud speech."""
    spread: float = 0.0
    """Corners of the mouth drawn outwards, as in *ee*."""
    round: float = 0.0
    """Lips rounded and forward, as in *oo*."""
    shut: float = 1.0
    """Lips touching each other. 1 in silence and in *m*, *b*, *p*, whatever the picture shows."""
    press: float = 0.0
    """Lips pressed together, beyond ``shut``."""
    lip_to_teeth: float = 0.0
    """Lower lip at the upper teeth, as in *f* and *v*."""
    tongue: float = 0.0
    """Tongue raised behind the upper teeth, as in *l*, *n*, *d*; visible if the mouth is open."""
    smile: float = 0.0
    """Corners of the mouth raised."""
    blink_left: float = 0.0
    """Closing of the lids of the left eye; 1 is shut."""
    blink_right: float = 0.0
    gaze_x: float = 0.0
    """Direction of the eyes, -1 (left) to 1 (right)."""
    gaze_y: float = 0.0
    """Direction of the eyes, -1 (up) to 1 (down)."""
    brow_left: float = 0.0
    """Height of the brow, -1 (lowered) to 1 (raised)."""
    brow_right: float = 0.0
    yaw: float = 0.0
    """Turn of the head in degrees, positive to the right; small, at most about 8."""
    pitch: float = 0.0
    """Nod of the head in degrees, positive downwards."""
    roll: float = 0.0
    """Tilt of the head in degrees, positive clockwise."""
    sway_x: float = 0.0
    """Displacement of head and shoulders to the right, as a fraction of the face's height."""
    sway_y: float = 0.0
    """Displacement of head and shoulders downwards, as a fraction of the face's height."""
    breath: float = 0.0
    """Rise of the chest, 0 to 1."""


CURVES: Final = tuple(field.name for field in fields(Pose))
"""The names of the curves, in the order of the columns of a track."""
_COLUMN: Final = {name: index for index, name in enumerate(CURVES)}
REST: Final = Pose()


@dataclass(frozen=True, slots=True)
class MotionTrack:
    """Poses at a constant frame rate.

    ``values`` is float32 of shape [frames, len(CURVES)]. Frame ``i`` shows the time
    ``(i + 0.5) / fps`` seconds, the middle of its display.
    """

    fps: Fraction
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Pose]:
        return (self.pose(frame) for frame in range(len(self)))

    def curve(self, name: str) -> NDArray[np.float32]:
        """Return one curve, float32 of shape [frames]. Raise KeyError for an unknown name."""
        column: NDArray[np.float32] = self.values[:, _COLUMN[name]]
        return column

    def pose(self, frame: int) -> Pose:
        """Return the pose of a frame."""
        return Pose(**dict(zip(CURVES, self.values[frame].tolist(), strict=True)))

    @classmethod
    def still(cls, frames: int, fps: Fraction, pose: Pose = REST) -> MotionTrack:
        """Return a track that holds one pose."""
        return cls(fps, np.tile(np.array(astuple(pose), np.float32), (frames, 1)))
