"""How far parts of a person may move before a difference is seen: looked up for nodes of a grid."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8
from gala_renderer.avatars.portrait.warp import NO_MAP

_STEP: Final = 8
"""Pixels of the picture per entry of the table."""
_AROUND: Final = (5, 5)
"""Slopes are averaged over so many pixels of the frame: the grain of a picture counts little."""
_SEEN: Final = 3.0
"""Change of light from 0 to 255 that is not seen in a picture that moves."""
_FEWEST, _MOST = 0.2, 1.5
"""Limits of the movement, in pixels of the frame."""
_SCALE: Final = 2.0
"""Slopes are kept as bytes: this many steps per level and pixel."""


class Detail:
    """Tells for positions in a picture how far what is there may move, in pixels of the frame.

    Edges may move least: there a small movement changes the light of a pixel most.
    """

    def __init__(self, light: Bytes, free: Bytes, finer: int, reach: float) -> None:
        """Prepare the table; planes have ``finer`` pixels for each one of the frame.

        ``reach`` is how far around a position its surroundings count, in pixels of the planes.
        """
        slopes = np.maximum(_slopes(light, finer), _slopes(free, finer))
        side = 2 * math.ceil(reach / finer) + 1
        steepest = u8(cv2.dilate(cv2.blur(slopes, _AROUND), np.ones((side, side), np.uint8)))
        step = _STEP // finer
        rare = steepest[::step, ::step].astype(np.float32)
        self._table = f32(np.clip(_SEEN * _SCALE / np.maximum(rare, 1), _FEWEST, _MOST))

    def still(self, positions: Array) -> Array:
        """Return how far the surroundings of positions may move, [rows, columns].

        Beyond the picture its border is continued.
        """
        at = positions * np.float32(1 / _STEP)
        mode = cv2.BORDER_REPLICATE
        return f32(cv2.remap(self._table, at, NO_MAP, cv2.INTER_NEAREST, borderMode=mode))


def _slopes(plane: Bytes, finer: int) -> Bytes:
    """Return how much neighbouring pixels of the frame differ, in ``_SCALE`` steps per level."""
    if finer > 1:
        size = max(plane.shape[1] // finer, 1), max(plane.shape[0] // finer, 1)
        plane = u8(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))
    # The kernel of Sobel adds up to 8.
    across, down = (
        cv2.convertScaleAbs(cv2.Sobel(plane, cv2.CV_16S, dx, 1 - dx), alpha=_SCALE / 8)
        for dx in (1, 0)
    )
    return np.maximum(across, down)
