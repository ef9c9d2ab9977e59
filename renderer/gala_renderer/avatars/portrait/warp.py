"""Coarse grids of displacements: inverted, enlarged, and given to OpenCV in fixed point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, u8

_STEPS: Final = 3
"""Fixed-point steps that invert a field; the third changes less than a tenth of a pixel."""


_NONE: Final = cast("Array", None)
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


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid over a part of a frame: each node is the middle of a cell of some pixels."""

    left: int
    top: int
    cell: int
    rows: int
    columns: int

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
        return f32((at - self._first) / np.float32(self.cell))

    def window(self, low: Array, high: Array) -> Window:
        """Return the nodes whose cells cover a rectangle in pixels, as far as the grid goes."""
        corner = np.array([self.left, self.top])
        left, top = np.maximum((low - corner) // self.cell, 0).astype(int).tolist()
        right, bottom = np.ceil((high - corner) / self.cell).astype(int).tolist()
        return Window(top, left, min(bottom, self.rows), min(right, self.columns))

    def area(self, window: Window) -> Area:
        """Return the pixels of a window."""
        return Area(
            self.left + window.left * self.cell,
            self.top + window.top * self.cell,
            (window.right - window.left) * self.cell,
            (window.bottom - window.top) * self.cell,
        )

    def inverted(self, field: Array, window: Window) -> Array:
        """Return where the nodes of a window come from, in pixels of the frame, [.., .., 2].

        ``field`` are the displacements of the nodes of this window.
        """
        height, width = field.shape[:2]
        columns, rows = np.meshgrid(
            np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
        )
        here = f32(np.dstack([columns, rows]))
        steps = f32(field * np.float32(1 / self.cell))
        found = here - steps
        for _ in range(_STEPS):
            found = here - sampled_field(steps, found)
        first = self._first + self.cell * np.array([window.left, window.top], np.float32)
        return f32(found * np.float32(self.cell) + first)


def sampled_field(field: Array, at: Array) -> Array:
    """Return the values of an array at columns and rows with fractions, [.., .., 2]."""
    return f32(cv2.remap(field, at, _NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


FixedPoint = tuple[NDArray[np.int16], NDArray[np.uint16]]
"""Maps for :func:`sampled`: whole pixels, and the fraction between them."""


def fixed_point(source: Array, width: int, height: int) -> FixedPoint:
    """Return the maps of an area of pixels, from those of its coarse nodes."""
    fine = cv2.resize(source, (width, height), interpolation=cv2.INTER_LINEAR)
    whole, fraction = cv2.convertMaps(fine, _NONE, cv2.CV_16SC2)
    return np.asarray(whole, np.int16), np.asarray(fraction, np.uint16)


def sampled(image: Bytes, maps: FixedPoint) -> Bytes:
    """Return the pixels of an image that the maps name."""
    return u8(cv2.remap(image, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
