"""Conversion of drawn RGB into the planes of output frames: BT.709, limited range, 4:2:0.

Painters blend in RGB and convert only the box that changed; everything here is a few calls of
OpenCV on that box. Import this module late: OpenCV belongs to the extra ``avatars``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame

Image = NDArray[np.uint8]

_KR: Final = 0.2126
_KB: Final = 0.0722
_KG: Final = 1 - _KR - _KB
_LUMA: Final = np.array([_KR, _KG, _KB])
_Y: Final = [*(_LUMA * 219 / 255), 16.0]
_U: Final = [*((np.array([0, 0, 1]) - _LUMA) / (2 * (1 - _KB)) * 224 / 255), 128.0]
_V: Final = [*((np.array([1, 0, 0]) - _LUMA) / (2 * (1 - _KR)) * 224 / 255), 128.0]
_MATRIX: Final = np.array([_Y, _U, _V], np.float32)
_NOTHING: Final = np.zeros(1, np.uint8)
_FILL_STEP: Final = 8
"""Pixels per cell of the coarse picture that gives transparent pixels a colour."""


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A box of whole pixels with even sides at even places, so that chroma covers the same area."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(
        cls, left: float, top: float, right: float, bottom: float, size: tuple[int, int]
    ) -> PixelBox:
        """Return the smallest such box around a rectangle, clipped to a frame of ``size``."""
        width, height = size
        return cls(
            min(max(_even_floor(left), 0), width),
            min(max(_even_floor(top), 0), height),
            max(min(-_even_floor(-right), width), 0),
            max(min(-_even_floor(-bottom), height), 0),
        )

    @property
    def empty(self) -> bool:
        """Whether it contains no pixels."""
        return self.right <= self.left or self.bottom <= self.top

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    def union(self, other: PixelBox) -> PixelBox:
        """Return the smallest box around both; an empty one does not count."""
        if self.empty:
            return other
        if other.empty:
            return self
        return PixelBox(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def intersection(self, other: PixelBox) -> PixelBox:
        """Return what both share, which may be empty."""
        return PixelBox(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def relative_to(self, other: PixelBox) -> PixelBox:
        """Return this box in coordinates whose origin is the corner of ``other``."""
        return PixelBox(
            self.left - other.left,
            self.top - other.top,
            self.right - other.left,
            self.bottom - other.top,
        )

    def of(self, image: Image) -> Image:
        """Return this box of a picture or of a plane at full resolution, as a view."""
        return image[self.top : self.bottom, self.left : self.right]

    def of_chroma(self, plane: Image) -> Image:
        """Return this box of a chroma plane, as a view."""
        return plane[self.top // 2 : self.bottom // 2, self.left // 2 : self.right // 2]


def full_resolution(rgb: Image) -> Image:
    """Return Y, U and V of sRGB, all three for each pixel, of the same shape."""
    return _u8(cv2.transform(rgb, _MATRIX))


def convert(rgb: Image) -> tuple[Image, Image, Image]:
    """Return Y, U and V of sRGB of shape [height, width, 3]; both sides are even."""
    luma = cv2.extractChannel(cv2.transform(rgb, _MATRIX), 0)
    half = cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    chroma = cv2.transform(half, _MATRIX)
    return _u8(luma), _u8(cv2.extractChannel(chroma, 1)), _u8(cv2.extractChannel(chroma, 2))


def write_opaque(frame: Frame, box: PixelBox, rgb: Image) -> None:
    """Write opaque sRGB, of the size of ``box``, into that box of the frame."""
    y, u, v = convert(rgb)
    box.of(frame.y)[...] = y
    box.of_chroma(frame.u)[...] = u
    box.of_chroma(frame.v)[...] = v
    if frame.alpha is not None:
        box.of(frame.alpha)[...] = 255


def write_transparent(frame: Frame, box: PixelBox, rgba: Image) -> None:
    """Write RGBA with premultiplied colours into a box of a frame that has alpha.

    The frame gets straight colours. Pixels without any colour get that of their surroundings, and
    chroma is averaged by alpha: so neither scaling nor a lossy encoder draws a fringe.
    """
    if frame.alpha is None:
        raise ValueError("transparent pixels need a frame with alpha")
    surroundings = _surroundings(rgba)
    y, _, _ = convert(_straight(rgba, surroundings))
    half = _u8(cv2.resize(rgba, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    smaller = _u8(cv2.resize(surroundings, (half.shape[1], half.shape[0])))
    chroma = cv2.transform(_straight(half, smaller), _MATRIX)
    box.of(frame.y)[...] = y
    box.of_chroma(frame.u)[...] = chroma[..., 1]
    box.of_chroma(frame.v)[...] = chroma[..., 2]
    box.of(frame.alpha)[...] = rgba[..., 3]


def premultiplied(rgba: Image) -> Image:
    """Return RGBA with its colours multiplied by alpha."""
    return _u8(cv2.multiply(rgba, _weights(rgba), scale=1 / 255))


def straight(rgba: Image) -> Image:
    """Return RGBA with premultiplied colours divided by alpha; black where nothing is seen."""
    return _u8(cv2.divide(rgba, _weights(rgba), scale=255))


def _weights(rgba: Image) -> Image:
    """Return the opacity of each colour, and full opacity for alpha itself."""
    alpha = cv2.extractChannel(rgba, 3)
    return _u8(cv2.merge([alpha, alpha, alpha, np.full_like(alpha, 255)]))


def blend_over(below: Image, above: Image) -> None:
    """Blend premultiplied RGBA over a picture of three channels or premultiplied four, in place."""
    channels = below.shape[2]
    rest = cv2.bitwise_not(cv2.extractChannel(above, 3))
    colours = above if channels == 4 else cv2.cvtColor(above, cv2.COLOR_RGBA2RGB)
    cv2.multiply(below, cv2.merge([rest] * channels), dst=below, scale=1 / 255)
    cv2.add(below, colours, dst=below)


def _straight(rgba: Image, surroundings: Image) -> Image:
    """Return colours divided by alpha; ``surroundings`` where alpha is 0."""
    alpha = cv2.extractChannel(rgba, 3)
    colours = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    straight = cv2.divide(colours, cv2.merge([alpha] * 3), scale=255)
    cv2.copyTo(surroundings, cv2.inRange(alpha, _NOTHING, _NOTHING), straight)
    return _u8(straight)


def _surroundings(rgba: Image) -> Image:
    """Return the colours near each pixel, averaged by alpha."""
    height, width = rgba.shape[:2]
    cells = (max(width // _FILL_STEP, 1), max(height // _FILL_STEP, 1))
    coarse = cv2.resize(rgba, cells, interpolation=cv2.INTER_AREA).astype(np.float32)
    spread = cv2.GaussianBlur(coarse, (0, 0), 2.0)
    colours = np.clip(spread[..., :3] * 255 / np.maximum(spread[..., 3:], 0.01), 0, 255)
    return _u8(cv2.resize(colours.astype(np.uint8), (width, height)))


def _even_floor(value: float) -> int:
    return int(value // 2) * 2


def _u8(image: object) -> Image:
    """Narrow what OpenCV's stubs call an array of any numbers."""
    return cast(Image, image)
