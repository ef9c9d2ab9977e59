"""Bands of a frame: rows of nodes that are drawn together, and which parts of them have to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, Bytes, u8
from gala_renderer.avatars.portrait.warp import Grid, Window

Mask = NDArray[np.bool_]
"""A truth value per node, [rows, columns]."""

_HEIGHT: Final = 96
"""Of a band in pixels: what is computed for it fits the processor's cache."""
_GAP: Final = 48
"""Pixels between parts of a band that are drawn as one: each part has a cost of its own."""


class Bands:
    """The bands of a grid."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._rows = max(_HEIGHT // grid.cell, 1)
        self._count = -(-grid.rows // self._rows)
        self._gap = np.ones((1, _GAP // grid.cell | 1), np.uint8)
        self._closed = np.zeros((self._count, grid.columns + 2), np.int8)
        self._padded = np.zeros((self._count * self._rows, grid.columns), np.bool_)

    def parts(self, mask: Mask) -> list[Window]:
        """Return windows that together have all nodes of a mask, each within a band.

        Short gaps between nodes are part of a window. The windows are sorted.
        """
        self._padded[: self._grid.rows] = mask
        per_band = self._padded.reshape(self._count, self._rows, -1).any(1)
        closed = self._without_gaps(u8(per_band.view(np.uint8)))
        self._closed[:, 1:-1] = closed
        edges = np.diff(self._closed, axis=1)
        bands, columns = np.nonzero(edges)
        found = zip(bands[::2].tolist(), columns[::2].tolist(), columns[1::2].tolist(), strict=True)
        return [
            Window(band * self._rows, first, min((band + 1) * self._rows, self._grid.rows), end)
            for band, first, end in found
        ]

    def _without_gaps(self, mask: Bytes) -> Bytes:
        # Beyond the border there is nothing.
        return u8(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, self._gap))


def within(parts: list[Window], window: Window) -> Iterator[Window]:
    """Yield what parts of bands have in common with a window of one band."""
    for part in parts:
        if part.top == window.top and part.left < window.right and part.right > window.left:
            yield part.common(window)


def stretched(at: Array, step: float, least: float) -> Mask:
    """Return the nodes whose distance from a neighbour differs from ``step``.

    Only differences of more than ``least``, in steps, count.
    """
    found = np.zeros(at.shape[:2], np.bool_)
    limit = np.float32(least * step)
    across = np.abs(np.diff(at[..., 0], axis=1) - np.float32(step)) > limit
    down = np.abs(np.diff(at[..., 1], axis=0) - np.float32(step)) > limit
    found[:, :-1] |= across
    found[:, 1:] |= across
    found[:-1] |= down
    found[1:] |= down
    return found
