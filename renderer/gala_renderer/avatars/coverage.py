"""Where a picture with transparency is empty, and where opaque: counted in coarse cells."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.yuv import Image

_CELL: Final = 16
"""Pixels per cell."""

_Edges: TypeAlias = NDArray[np.floating]


class Coverage:
    """Tells for boxes of a picture whether anything is drawn in them, and whether all is opaque."""

    def __init__(self, alpha: Image) -> None:
        means = _cell_means(alpha)
        self._drawn = _summed(means > 0)
        self._opaque = _summed(means >= 255)

    def of(
        self, left: _Edges, top: _Edges, right: _Edges, bottom: _Edges
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return what is drawn and what is opaque, of boxes with these edges in pixels.

        Both err on the safe side: a box may count as drawn although it is empty, and as not opaque
        although it is. What lies outside of the picture is transparent.
        """
        x0, y0 = np.floor(left / _CELL), np.floor(top / _CELL)
        x1, y1 = np.ceil(right / _CELL), np.ceil(bottom / _CELL)
        drawn = _count(self._drawn, x0, y0, x1, y1) > 0
        opaque = _count(self._opaque, x0, y0, x1, y1) == (x1 - x0) * (y1 - y0)
        return drawn, opaque


def _cell_means(alpha: Image) -> NDArray[np.float32]:
    rows, columns = (-(-side // _CELL) for side in alpha.shape)
    bottom, right = rows * _CELL - alpha.shape[0], columns * _CELL - alpha.shape[1]
    padded = cv2.copyMakeBorder(alpha, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=0)
    # Sums of bytes are exact: a single transparent pixel counts.
    sums = cv2.resize(padded.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(sums, np.float32)


def _summed(cells: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return, per corner of the grid, how many cells above and to the left are set."""
    return np.asarray(cv2.integral(cells.astype(np.uint8)), np.float32)


def _count(
    sums: NDArray[np.float32], left: _Edges, top: _Edges, right: _Edges, bottom: _Edges
) -> NDArray[np.float32]:
    """Return how many cells of a summed grid lie in each box; none lie outside of the grid."""
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    x0, x1 = (np.clip(side, 0, columns).astype(int) for side in (left, right))
    y0, y1 = (np.clip(side, 0, rows).astype(int) for side in (top, bottom))
    counts: NDArray[np.float32] = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return counts
