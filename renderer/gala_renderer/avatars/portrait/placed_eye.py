"""An eye in the layers of a placement."""

from __future__ import annotations

import numpy as np

from gala_renderer.avatars.portrait.arrays import f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape
from gala_renderer.avatars.portrait.eyes import Eye, EyeState, eye_state
from gala_renderer.avatars.portrait.source import Source

_LEAST: int = 8
"""Eyes of fewer pixels do not move."""


class PlacedEye:
    """Redraws an eye of a source when it changes."""

    def __init__(self, source: Source, shape: EyeShape) -> None:
        reach = 0.75 * shape.width
        middle = f32(np.array(shape.pixels(f32(0.5), f32(0))))
        self.rows, self.columns = source.crop(middle - reach, middle + reach)
        (top, bottom), (left, right) = self.rows, self.columns
        self._person = source.person
        self._state = eye_state(0, 0, 0)
        self._eye: Eye | None = None
        if min(bottom - top, right - left) >= _LEAST:
            at = source.positions(self.rows, self.columns)
            self._eye = eye = Eye(shape, source.planes[top:bottom, left:right], at)
            down, across = eye.box
            self.rows = top + down.start, top + down.stop
            self.columns = left + across.start, left + across.stop

    def draw(self, blink: float, gaze_x: float, gaze_y: float) -> bool:
        """Draw the eye into the source; return False if it looks the same as before."""
        state: EyeState = eye_state(blink, gaze_x, gaze_y)
        if self._eye is None or state == self._state:
            return False
        self._person.redraw(self.rows, self.columns, self._eye.drawn(state))
        self._state = state
        return True
