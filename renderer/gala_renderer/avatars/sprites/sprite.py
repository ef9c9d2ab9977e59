"""Pictures in the scale of the output, and what they look like when they are moved and turned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.yuv import Image, PixelBox, blend_over

_FEW: Final = 0.1
"""Up to this fraction of translucent pixels, they are blended one by one."""
_BAND: Final = 128
"""Rows that are looked at together for what is transparent in them."""
_GAP: Final = 48
"""Columns between parts of a band that are left out: each part has a cost of its own."""
_WHOLE: Final = 0.85
"""From this fraction of its area on, parts of a sprite are not worth their number."""


@dataclass(frozen=True, eq=False)
class Sprite:
    """Premultiplied RGBA whose upper left corner lies at an offset."""

    rgba: Image
    left: int
    top: int

    def layer(self, transform: Affine, size: tuple[int, int] | None) -> Layer | None:
        """Return the sprite transformed, clipped to ``size``; None if nothing of it is seen."""
        height, width = self.rgba.shape[:2]
        box = transform.pixel_bounds(PixelBox(0, 0, width, height))
        if size is not None:
            box = box.intersection(PixelBox(0, 0, *size))
        if box.empty or self.rgba.size == 0:
            return None
        if not self._parts:
            return Layer.of(box, self._warped(transform, box))
        rgba = np.zeros((box.height, box.width, 4), np.uint8)
        for part in self._parts:
            seen = transform.pixel_bounds(part).intersection(box)
            if not seen.empty:
                seen.relative_to(box).of(rgba)[...] = self._warped(transform, seen)
        return Layer.of(box, rgba)

    def _warped(self, transform: Affine, box: PixelBox) -> Image:
        matrix = transform.shifted(-box.left, -box.top).matrix()
        size = (box.width, box.height)
        return np.asarray(cv2.warpAffine(self.rgba, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)

    @cached_property
    def _parts(self) -> tuple[PixelBox, ...]:
        """Boxes that together have all that is not transparent: hair is a ring around a face.

        Empty if they cover nearly all of the sprite, which is then transformed as one.
        """
        height, width = self.rgba.shape[:2]
        parts = tuple(_occupied(self.rgba))
        area = sum(part.width * part.height for part in parts)
        return parts if area < _WHOLE * width * height else ()


def _occupied(rgba: Image) -> Iterator[PixelBox]:
    """Yield the parts of each band that are not transparent."""
    for top in range(0, len(rgba), _BAND):
        band = rgba[top : top + _BAND, :, 3]
        columns = np.flatnonzero(band.any(axis=0))
        if not len(columns):
            continue
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > _GAP) + 1):
            yield PixelBox(int(run[0]), top, int(run[-1]) + 1, top + len(band))


NOTHING: Final = Sprite(np.zeros((0, 0, 4), np.uint8), 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A sprite at its place in the frame: premultiplied RGBA, ready to be blended."""

    box: PixelBox
    rgba: Image
    opaque: Image
    """255 where the sprite is opaque, else 0."""
    translucent: NDArray[np.intp]
    """The numbers of the pixels, row by row, where it is neither opaque nor absent."""

    @classmethod
    def of(cls, box: PixelBox, rgba: Image) -> Layer:
        """Return a layer of premultiplied RGBA."""
        alpha = np.asarray(cv2.extractChannel(rgba, 3), np.uint8)
        opaque = np.equal(alpha, 255)
        translucent = np.flatnonzero(np.not_equal(alpha, 0) ^ opaque)
        return cls(box, rgba, opaque.view(np.uint8) * np.uint8(255), translucent)

    def moved(self, x: int, y: int) -> Layer:
        """Return the same layer elsewhere."""
        box = self.box
        moved = PixelBox(box.left + x, box.top + y, box.right + x, box.bottom + y)
        return Layer(moved, self.rgba, self.opaque, self.translucent)

    def hides(self, box: PixelBox) -> bool:
        """Return True if the layer is opaque in all of ``box``."""
        shared = self.box.intersection(box)
        if shared != box:
            return False
        return cv2.countNonZero(box.relative_to(self.box).of(self.opaque)) == box.width * box.height

    def blend(self, box: PixelBox, canvas: Image) -> None:
        """Blend the layer's part in ``box`` over a canvas of that box, premultiplied RGBA.

        The canvas is contiguous.
        """
        shared = self.box.intersection(box)
        if shared.empty:
            return
        below, here = shared.relative_to(box), shared.relative_to(self.box)
        above, few = here.of(self.rgba), self._translucent_in(here)
        # Cartoons are opaque but for their edges: copying is several times faster than blending.
        if len(few) > _FEW * shared.width * shared.height:
            blend_over(below.of(canvas), above)
            return
        cv2.copyTo(above, here.of(self.opaque), below.of(canvas))
        if len(few):
            y, x = np.divmod(few, self.box.width)
            moved = (below.left - here.left, below.top - here.top)
            places = (y + moved[1]) * box.width + x + moved[0]
            _blend_pixels(canvas, places, _as_pixels(self.rgba)[few])

    def _translucent_in(self, box: PixelBox) -> NDArray[np.intp]:
        """Return the numbers of translucent pixels in a box of the layer."""
        if (box.width, box.height) == (self.box.width, self.box.height):
            return self.translucent
        width = self.box.width
        first, last = np.searchsorted(self.translucent, (box.top * width, box.bottom * width))
        found = self.translucent[first:last]
        if box.width == width:
            return found
        x = found % width
        return found[(x >= box.left) & (x < box.right)]


def _blend_pixels(canvas: Image, places: NDArray[np.intp], pixels: NDArray[np.uint32]) -> None:
    """Blend pixels over those with the numbers ``places`` of a contiguous canvas."""
    # Pixels are read and written as one number each, which is several times faster.
    under, over = _as_pixels(canvas), pixels.view(np.uint8).reshape(-1, 4)
    rest = 255 - over[:, 3:].astype(np.uint16)
    seen = under[places].view(np.uint8).reshape(-1, 4) * rest
    seen += 128
    # The division by 255, rounded.
    shown = over + (seen + (seen >> 8) >> 8).astype(np.uint8)
    under[places] = shown.view(np.uint32)[:, 0]


def _as_pixels(image: Image) -> NDArray[np.uint32]:
    """Return the pixels of a contiguous picture, row by row, as a view."""
    return image.view(np.uint32).reshape(-1)


def cropped(rgba: Image, left: int, top: int) -> Sprite:
    """Return a sprite without the transparent margins of a premultiplied picture."""
    mask = np.ascontiguousarray(rgba[..., 3])
    x, y, width, height = cv2.boundingRect(mask)
    return Sprite(np.ascontiguousarray(rgba[y : y + height, x : x + width]), left + x, top + y)
