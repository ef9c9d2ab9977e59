"""An eye in the layers of a placement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gala_renderer.avatars.portrait.arrays import Bytes, f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape
from gala_renderer.avatars.portrait.eyes import Eye, EyeState, eye_state
from gala_renderer.avatars.portrait.source import Source

_LEAST: int = 8
"""Eyes of fewer pixels do not move."""


@dataclass(frozen=True, slots=True)
class DrawnEye:
    """Y, U and V of an eye, for rows and columns of the layers."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    planes: Bytes


class PlacedEye:
    """Draws an eye for a source when it changes."""

    def __init__(self, source: Source, shape: EyeShape) -> None:
        reach = 0.75 * shape.width
        middle = f32(np.array(shape.pixels(f32(0.5), f32(0))))
        self.rows, self.columns = source.crop(middle - reach, middle + reach)
        (top, bottom), (left, right) = self.rows, self.columns
        self._state = eye_state(0, 0, 0)
        self._shape = shape
        self._moves = min(bottom - top, right - left) >= _LEAST
        self._picture = source.planes[top:bottom, left:right].copy()
        self._at = source.positions(self.rows, self.columns)

    @cached_property
    def _eye(self) -> Eye:
        # Made when it first changes: somebody waits for the picture at rest of a preview.
        eye = Eye(self._shape, self._picture, self._at)
        down, across = eye.box
        top, left = self.rows[0], self.columns[0]
        self.rows = top + down.start, top + down.stop
        self.columns = left + across.start, left + across.stop
        del self._picture, self._at
        return eye

    def drawn(self, blink: float, gaze_x: float, gaze_y: float) -> DrawnEye | None:
        """Return what the eye looks like; None if it looks the same as before."""
        state: EyeState = eye_state(blink, gaze_x, gaze_y)
        if not self._moves or state == self._state:
            return None
        self._state = state
        planes = self._eye.drawn(state)
        return DrawnEye(self.rows, self.columns, planes)
