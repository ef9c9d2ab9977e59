"""Pictures in the scale of the output, and what they look like when they are moved and turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.yuv import Image, PixelBox, blend_over

_FEW: Final = 0.1
"""Up to this fraction of translucent pixels, they are blended one by one."""
_FIRST, _LAST, _OPAQUE = (np.array([alpha], np.uint8) for alpha in (1, 254, 255))


@dataclass(frozen=True, eq=False)
class Sprite:
    """Premultiplied RGBA whose upper left corner lies at an offset."""

    rgba: Image
    left: int
    top: int

    def layer(self, transform: Affine, size: tuple[int, int] | None) -> Layer | None:
        """Return the sprite transformed, clipped to ``size``; None if nothing of it is seen."""
        height, width = self.rgba.shape[:2]
        box = transform.pixel_bounds(width, height)
        if size is not None:
            box = box.intersection(PixelBox(0, 0, *size))
        if box.empty or self.rgba.size == 0:
            return None
        matrix = transform.shifted(-box.left, -box.top).matrix()
        rgba = cv2.warpAffine(self.rgba, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR)
        return Layer.of(box, np.asarray(rgba, np.uint8))


NOTHING: Final = Sprite(np.zeros((0, 0, 4), np.uint8), 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A sprite at its place in the frame: premultiplied RGBA, ready to be blended."""

    box: PixelBox
    rgba: Image
    opaque: Image
    """255 where the sprite is opaque, else 0."""
    translucent: Image
    """255 where the sprite is neither opaque nor absent, else 0."""

    @classmethod
    def of(cls, box: PixelBox, rgba: Image) -> Layer:
        """Return a layer of premultiplied RGBA."""
        alpha = cv2.extractChannel(rgba, 3)
        opaque = cv2.inRange(alpha, _OPAQUE, _OPAQUE)
        translucent = cv2.inRange(alpha, _FIRST, _LAST)
        return cls(box, rgba, np.asarray(opaque, np.uint8), np.asarray(translucent, np.uint8))

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
        """Blend the layer's part in ``box`` over a canvas of that box, premultiplied RGBA."""
        shared = self.box.intersection(box)
        if shared.empty:
            return
        below, here = shared.relative_to(box).of(canvas), shared.relative_to(self.box)
        above, translucent = here.of(self.rgba), here.of(self.translucent)
        # Cartoons are opaque but for their edges: copying is several times faster than blending.
        found = cv2.findNonZero(translucent)
        count = 0 if found is None else len(found)
        if count > _FEW * shared.width * shared.height:
            blend_over(below, above)
            return
        cv2.copyTo(above, here.of(self.opaque), below)
        if count:
            _blend_pixels(below, above, np.asarray(found, np.int32).reshape(-1, 2))


def _blend_pixels(below: Image, above: Image, places: NDArray[np.int32]) -> None:
    """Blend the pixels at ``places``, of shape [pixels, 2]: x and y."""
    x, y = places.T
    # Pixels are read and written as one number each, which is several times faster.
    under, over = _as_pixels(below), _as_pixels(above)[y, x].view(np.uint8).reshape(-1, 4)
    rest = 255 - over[:, 3:].astype(np.uint16)
    seen = under[y, x].view(np.uint8).reshape(-1, 4) * rest
    seen += 128
    # The division by 255, rounded.
    shown = over + (seen + (seen >> 8) >> 8).astype(np.uint8)
    under[y, x] = shown.view(np.uint32)[:, 0]


def _as_pixels(image: Image) -> NDArray[np.uint32]:
    return image.view(np.uint32)[..., 0]


def cropped(rgba: Image, left: int, top: int) -> Sprite:
    """Return a sprite without the transparent margins of a premultiplied picture."""
    mask = np.ascontiguousarray(rgba[..., 3])
    x, y, width, height = cv2.boundingRect(mask)
    return Sprite(np.ascontiguousarray(rgba[y : y + height, x : x + width]), left + x, top + y)
