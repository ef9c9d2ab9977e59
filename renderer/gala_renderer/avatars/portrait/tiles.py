"""Tiles of a frame: what has to be drawn again, and how much of the person is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.warp import Grid, Window

Mask = NDArray[np.bool_]
"""A truth value per tile, [rows, columns]."""

_HEIGHT: Final = 128
_WIDTH: Final = 64
"""Sides of a tile in pixels: what is computed for a row of them fits the processor's cache."""
_STRETCH: Final = 0.18
"""How much more or less than usual neighbouring nodes are apart where a tile is stretched."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The smallest boxes around the positions of each tile's nodes, each edge [rows, columns]."""

    left: Array
    top: Array
    right: Array
    bottom: Array

    def meet(self, rows: tuple[int, int], columns: tuple[int, int], reach: float) -> Mask:
        """Return which of them come nearer than ``reach`` to some rows and columns."""
        across = (self.left < columns[1] + reach) & (self.right > columns[0] - reach)
        down = (self.top < rows[1] + reach) & (self.bottom > rows[0] - reach)
        return np.asarray(across & down, np.bool_)


class Tiles:
    """The tiles of a grid."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._rows = np.arange(0, grid.rows, max(_HEIGHT // grid.cell, 1))
        self._columns = np.arange(0, grid.columns, max(_WIDTH // grid.cell, 1))

    def all(self, value: bool) -> Mask:
        """Return a mask with one value."""
        return np.full((len(self._rows), len(self._columns)), value)

    def boxes(self, at: Array) -> Boxes:
        """Return boxes around the positions of nodes, [grid rows, grid columns, 2]."""
        low, high = self._each(np.minimum, at), self._each(np.maximum, at)
        return Boxes(low[..., 0], low[..., 1], high[..., 0], high[..., 1])

    def differ(self, one: Array, other: Array, least: float) -> Mask:
        """Return the tiles with a node whose positions differ by more than ``least``."""
        largest = self._each(np.maximum, np.abs(one - other))
        return np.asarray(largest.max(-1) > least, np.bool_)

    def stretched(self, at: Array, step: float) -> Mask:
        """Return the tiles in which neighbouring nodes are not about ``step`` apart."""
        away = np.zeros(at.shape[:2], np.float32)
        for axis in (0, 1):
            apart = np.abs(np.diff(at[..., 1 - axis], axis=axis) - np.float32(step))
            away[tuple(slice(side) for side in apart.shape)] += apart
        return np.asarray(self._each(np.maximum, away) > _STRETCH * step, np.bool_)

    def over(self, window: Window) -> Mask:
        """Return the tiles that have nodes of a window."""
        mask = self.all(False)
        top, bottom = np.searchsorted(self._rows, (window.top, window.bottom - 1), "right")
        left, right = np.searchsorted(self._columns, (window.left, window.right - 1), "right")
        mask[top - 1 : bottom, left - 1 : right] = True
        return mask

    def window(self, row: int, first: int, last: int) -> Window:
        """Return the nodes of the tiles of a row, from one to another."""
        rows, columns = [*self._rows.tolist(), self._grid.rows], [*self._columns.tolist()]
        columns.append(self._grid.columns)
        return Window(rows[row], columns[first], rows[row + 1], columns[last + 1])

    def _each(self, largest: np.ufunc, values: Array) -> Array:
        per_row = largest.reduceat(values, self._rows, axis=0)
        return f32(largest.reduceat(per_row, self._columns, axis=1))


def runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        yield first, end - 1
