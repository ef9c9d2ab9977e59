"""An eye in the layers of a placement."""

from __future__ import annotations

import numpy as np

from gala_renderer.avatars.portrait.arrays import f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape
from gala_renderer.avatars.portrait.eyes import Eye, EyeState, eye_state
from gala_renderer.avatars.portrait.source import Source, halved

_LEAST: int = 8
"""Eyes of fewer pixels do not move."""


class PlacedEye:
    """Redraws an eye of a source when it changes."""

    def __init__(self, source: Source, shape: EyeShape) -> None:
        reach = 0.75 * shape.width
        middle = f32(np.array(shape.pixels(f32(0.5), f32(0))))
        (top, bottom), (left, right) = source.crop(middle - reach, middle + reach)
        self._full = slice(top, bottom), slice(left, right)
        self._half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        self._person = source.person
        self._state = eye_state(0, 0, 0)
        self._eye: Eye | None = None
        if min(bottom - top, right - left) >= _LEAST:
            at = source.positions((top, bottom), (left, right))
            self._eye = Eye(shape, source.planes[self._full], at)

    def draw(self, blink: float, gaze_x: float, gaze_y: float) -> None:
        """Draw the eye into the source, if it looks different from before."""
        state: EyeState = eye_state(blink, gaze_x, gaze_y)
        if self._eye is None or state == self._state:
            return
        drawn = self._eye.drawn(state)
        self._person.light[(*self._full, 0)] = drawn[..., 0]
        chroma = halved(np.ascontiguousarray(drawn[..., 1:]))
        self._person.colour[self._half][..., :2] = chroma
        self._state = state
