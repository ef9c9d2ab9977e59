"""Coarse grids of displacements: inverted, and enlarged to the pixels of a window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

import cv2
import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8

_STEPS: Final = 3
"""Fixed-point steps that invert a field; the third changes less than a tenth of a pixel."""


NO_MAP: Final = cast("Array", None)
"""The second map, where the first one has both coordinates; the stubs do not know that."""


@dataclass(frozen=True, slots=True)
class Window:
    """Nodes of a grid: those from a row and a column, to another row and column."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of an array of the whole grid."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def empty(self) -> bool:
        """Whether it has no nodes."""
        return self.bottom <= self.top or self.right <= self.left

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return the index of its nodes in an array of another window, which contains it."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )

    def common(self, other: Window) -> Window:
        """Return the nodes in both windows."""
        return Window(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def union(self, other: Window) -> Window:
        """Return the smallest window that contains both."""
        return Window(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


@dataclass(frozen=True, slots=True)
class Area:
    """The pixels of a window in a frame; all edges are even."""

    left: int
    top: int
    width: int
    height: int

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Index of planes at full resolution."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )

    @property
    def chroma(self) -> tuple[slice, slice]:
        """Index of planes at half the resolution."""
        return (
            slice(self.top // 2, (self.top + self.height) // 2),
            slice(self.left // 2, (self.left + self.width) // 2),
        )

    def within(self, other: Area) -> Area:
        """Return this area in coordinates whose origin is the corner of ``other``."""
        return Area(self.left - other.left, self.top - other.top, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid over a part of a frame: each node is the middle of a cell of some pixels.

    The last cells may reach beyond the part, which ends at ``right`` and ``bottom``.
    """

    left: int
    top: int
    right: int
    bottom: int
    cell: int

    @property
    def rows(self) -> int:
        """Number of rows of nodes."""
        return -(-(self.bottom - self.top) // self.cell)

    @property
    def columns(self) -> int:
        """Number of columns of nodes."""
        return -(-(self.right - self.left) // self.cell)

    @property
    def whole(self) -> Window:
        """All of its nodes."""
        return Window(0, 0, self.rows, self.columns)

    @property
    def _first(self) -> Array:
        return f32(np.array([self.left, self.top]) + (self.cell - 1) / 2)

    def nodes(self) -> Array:
        """Return x and y of the nodes in pixels of the frame, [rows, columns, 2]."""
        first = self._first
        x = first[0] + self.cell * np.arange(self.columns, dtype=np.float32)
        y = first[1] + self.cell * np.arange(self.rows, dtype=np.float32)
        return f32(np.dstack(np.meshgrid(x, y)))

    def index(self, at: Array) -> Array:
        """Return the columns and rows, with fractions, of positions in pixels."""
        first = self._first
        return scaled(at, 1 / self.cell, (-first[0] / self.cell, -first[1] / self.cell))

    def window(self, low: Array, high: Array) -> Window:
        """Return the nodes whose cells cover a rectangle in pixels, as far as the grid goes."""
        corner = np.array([self.left, self.top])
        left, top = np.maximum((low - corner) // self.cell, 0).astype(int).tolist()
        right, bottom = np.ceil((high - corner) / self.cell).astype(int).tolist()
        return Window(top, left, min(bottom, self.rows), min(right, self.columns))

    def area(self, window: Window) -> Area:
        """Return the pixels of a window, as far as the grid's part of the frame goes."""
        left, top = self.left + window.left * self.cell, self.top + window.top * self.cell
        right = min(self.left + window.right * self.cell, self.right)
        bottom = min(self.top + window.bottom * self.cell, self.bottom)
        return Area(left, top, right - left, bottom - top)

    def inverted(self, field: Array, window: Window) -> Array:
        """Return where the nodes of a window come from, in pixels of the frame, [.., .., 2].

        ``field`` are the displacements of the nodes of this window.
        """
        here = _indices(*field.shape[:2])
        steps = f32(field * np.float32(1 / self.cell))
        found = here - steps
        for _ in range(_STEPS):
            found = here - sampled_field(steps, found)
        first = self._first
        left, top = first[0] + self.cell * window.left, first[1] + self.cell * window.top
        return scaled(found, self.cell, (left, top))


def scaled(at: Array, factor: float, offset: tuple[float, float]) -> Array:
    """Return positions times a factor, plus an offset; NumPy takes ten times as long."""
    matrix = np.array([[factor, 0, offset[0]], [0, factor, offset[1]]])
    return f32(cv2.transform(f32(at).reshape(1, -1, 2), matrix)).reshape(at.shape)


def weighted(weights: Array, fields: Array) -> Array:
    """Return the sum of fields, [fields, rows, columns, 2], times their weights."""
    found = np.zeros(fields.shape[1:], np.float32)
    for weight, field in zip(weights.tolist(), fields, strict=True):
        # Most weights of a face are 0.
        if weight:
            cv2.scaleAdd(field, weight, found, dst=found)
    return found


def sampled_field(field: Array, at: Array) -> Array:
    """Return the values of an array at columns and rows with fractions, [.., .., 2]."""
    return f32(cv2.remap(field, at, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def bordered(at: Array) -> Array:
    """Return positions with one node more on each side, continued linearly."""
    found = f32(cv2.copyMakeBorder(at, 1, 1, 1, 1, cv2.BORDER_REPLICATE))
    if at.shape[0] > 1:
        found[0] += found[1] - found[2]
        found[-1] += found[-2] - found[-3]
    if at.shape[1] > 1:
        found[:, 0] += found[:, 1] - found[:, 2]
        found[:, -1] += found[:, -2] - found[:, -3]
    return found


def enlarged(surrounded: Array, factor: int, across: int | None = None) -> Array:
    """Return the positions of pixels: ``factor`` times as many as nodes, each way.

    ``surrounded`` has one node more on each side. There may be another number ``across``.
    """
    across = across or factor
    fine = cv2.resize(surrounded, (surrounded.shape[1] * across, surrounded.shape[0] * factor))
    return f32(fine[factor:-factor, across:-across])


def sampled(image: Bytes, at: Array) -> Bytes:
    """Return the pixels of an image at positions, [.., .., 2], with fractions."""
    return u8(cv2.remap(image, at, NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


@lru_cache(maxsize=8)
def _indices(rows: int, columns: int) -> Array:
    """Return the column and the row of each node."""
    across, down = np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32)
    found = f32(np.dstack(np.meshgrid(across, down)))
    found.flags.writeable = False
    return found
