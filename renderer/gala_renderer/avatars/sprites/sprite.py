"""Pictures in the scale of the output, cut into patches when they are transformed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.coverage import Coverage
from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.yuv import Image, PixelBox

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
    def _coverage(self) -> Coverage:
        return Coverage(np.ascontiguousarray(self.rgba[..., 3]))

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
        return self._coverage.of(x - reach_x, y - reach_y, x + reach_x, y + reach_y)


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
