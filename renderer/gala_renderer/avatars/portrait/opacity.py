"""Where a person is opaque, and where nothing of it is seen: looked up for the nodes of a grid."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, Bytes, u8
from gala_renderer.avatars.portrait.warp import NO_MAP

_STEP: Final = 8
"""Pixels of the picture per entry of the table."""
_EMPTY, _PARTLY, _OPAQUE = np.uint8(0), np.uint8(1), np.uint8(2)


class Opacity:
    """Tells for positions in a picture what is seen within ``reach`` pixels around them."""

    def __init__(self, free: Bytes, reach: float) -> None:
        """Prepare the table; ``free`` is 255 where nothing of the person is seen."""
        side = 2 * (math.ceil(reach) + _STEP // 2) + 1
        square = np.ones((side, side), np.uint8)
        most, least = (u8(each(free, square))[::_STEP, ::_STEP] for each in (cv2.dilate, cv2.erode))
        self._table = np.where(most == 0, _OPAQUE, np.where(least == 255, _EMPTY, _PARTLY))

    def at(self, positions: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return where the person is seen at all, and where it is opaque, [rows, columns].

        Beyond the picture its border is continued.
        """
        found = u8(
            cv2.remap(
                self._table, positions * np.float32(1 / _STEP), NO_MAP,
                cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE,
            )
        )  # fmt: skip
        return found != _EMPTY, found == _OPAQUE
