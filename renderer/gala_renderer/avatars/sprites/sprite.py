"""Pictures in the scale of the output, cut into patches when they are transformed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.yuv import Image, PixelBox

_CELL: Final = 16
"""Pixels per cell of the grid that says where a sprite is empty and where opaque."""
_TILE: Final = 96
"""Pixels per tile of a transformed sprite."""
_SMALL: Final = 40_000
"""Pixels up to which a sprite is not cut: the cut would take longer than it saves."""
_REACH: Final = 2.0
"""Pixels around a tile that bilinear sampling may read."""


@dataclass(frozen=True, eq=False)
class Sprite:
    """Premultiplied RGBA whose upper left corner lies at an offset."""

    rgba: Image
    left: int
    top: int

    @cached_property
    def _drawn_cells(self) -> NDArray[np.float32]:
        """Per corner of the grid, how many cells above and to the left contain anything."""
        return _summed(self._cell_means() > 0)

    @cached_property
    def _opaque_cells(self) -> NDArray[np.float32]:
        """The same for cells without any transparency."""
        return _summed(self._cell_means() >= 255)

    def _cell_means(self) -> NDArray[np.float32]:
        alpha = self.rgba[..., 3].astype(np.float32)
        rows, columns = (-(-side // _CELL) for side in alpha.shape)
        bottom, right = rows * _CELL - alpha.shape[0], columns * _CELL - alpha.shape[1]
        padded = cv2.copyMakeBorder(alpha, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=0)
        means = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
        return np.asarray(means, np.float32)

    def patches(self, transform: Affine, size: tuple[int, int] | None) -> list[Patch]:
        """Return the sprite transformed, clipped to ``size``; empty parts are left out."""
        height, width = self.rgba.shape[:2]
        box = transform.pixel_bounds(width, height)
        if size is not None:
            box = box.intersection(PixelBox(0, 0, *size))
        if box.empty or self.rgba.size == 0:
            return []
        return [
            self._patch(transform, tile, opaque=opaque)
            for tile, opaque in self._tiles(transform, box)
        ]

    def _patch(self, transform: Affine, box: PixelBox, *, opaque: bool) -> Patch:
        matrix = transform.shifted(-box.left, -box.top).matrix()
        rgba = cv2.warpAffine(self.rgba, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR)
        return Patch.of(box, np.asarray(rgba, np.uint8), opaque=opaque)

    def _tiles(self, transform: Affine, box: PixelBox) -> list[tuple[PixelBox, bool]]:
        """Return the boxes that are not empty, and whether each is opaque."""
        if box.width * box.height <= _SMALL:
            return [(box, False)]
        xs, ys = _edges(box.left, box.right), _edges(box.top, box.bottom)
        drawn, opaque = self._classified(transform, xs, ys)
        tiles: list[tuple[PixelBox, bool]] = []
        for row in range(len(ys) - 1):
            kinds = (drawn[row].astype(int) + opaque[row]).tolist()
            start = 0
            for column in range(1, len(kinds) + 1):
                if column < len(kinds) and kinds[column] == kinds[start]:
                    continue
                if kinds[start]:
                    tile = PixelBox(int(xs[start]), int(ys[row]), int(xs[column]), int(ys[row + 1]))
                    tiles.append((tile, kinds[start] == 2))
                start = column
        return tiles

    def _classified(
        self, transform: Affine, xs: NDArray[np.int64], ys: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return for each tile whether anything is drawn in it, and whether all of it is opaque."""
        back = transform.inverse()
        middle_x, middle_y = np.meshgrid((xs[:-1] + xs[1:]) / 2, (ys[:-1] + ys[1:]) / 2)
        half_x, half_y = np.meshgrid(np.diff(xs) / 2, np.diff(ys) / 2)
        x = back.a * middle_x + back.b * middle_y + back.tx
        y = back.c * middle_x + back.d * middle_y + back.ty
        reach_x = abs(back.a) * half_x + abs(back.b) * half_y + _REACH
        reach_y = abs(back.c) * half_x + abs(back.d) * half_y + _REACH
        left, right = np.floor((x - reach_x) / _CELL), np.ceil((x + reach_x) / _CELL)
        top, bottom = np.floor((y - reach_y) / _CELL), np.ceil((y + reach_y) / _CELL)
        corners = left, top, right, bottom
        drawn = _count(self._drawn_cells, *corners) > 0
        opaque = _count(self._opaque_cells, *corners) == (right - left) * (bottom - top)
        return drawn, opaque


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of a transformed sprite, ready to be blended."""

    box: PixelBox
    rgba: Image
    colours: Image
    rest: Image | None
    """What shows through, 255 - alpha, in three channels; None if it is opaque."""

    @classmethod
    def of(cls, box: PixelBox, rgba: Image, *, opaque: bool) -> Patch:
        """Return a patch of premultiplied RGBA."""
        colours = np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
        if opaque:
            return cls(box, rgba, colours, None)
        rest = cv2.bitwise_not(cv2.extractChannel(rgba, 3))
        return cls(box, rgba, colours, np.asarray(cv2.merge([rest, rest, rest]), np.uint8))

    def moved(self, x: int, y: int) -> Patch:
        """Return the same patch elsewhere."""
        box = self.box
        moved = PixelBox(box.left + x, box.top + y, box.right + x, box.bottom + y)
        return Patch(moved, self.rgba, self.colours, self.rest)


def cropped(rgba: Image, left: int, top: int) -> Sprite:
    """Return a sprite without the transparent margins of a premultiplied picture."""
    mask = np.ascontiguousarray(rgba[..., 3])
    x, y, width, height = cv2.boundingRect(mask)
    return Sprite(np.ascontiguousarray(rgba[y : y + height, x : x + width]), left + x, top + y)


def _edges(start: int, end: int) -> NDArray[np.int64]:
    return np.append(np.arange(start, end, _TILE), end)


def _summed(cells: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(cv2.integral(cells.astype(np.uint8)), np.float32)


def _count(
    sums: NDArray[np.float32],
    left: NDArray[np.float64],
    top: NDArray[np.float64],
    right: NDArray[np.float64],
    bottom: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return how many cells of a summed grid lie in each box; none lie outside of the grid."""
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    x0, x1 = (np.clip(side, 0, columns).astype(int) for side in (left, right))
    y0, y1 = (np.clip(side, 0, rows).astype(int) for side in (top, bottom))
    counts: NDArray[np.float32] = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return counts
