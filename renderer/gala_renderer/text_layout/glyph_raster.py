"""Rasterise glyphs: masks of letters, their outlines and shadows, and colour emoji."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import uharfbuzz as hb
from PIL import Image, ImageFilter

from gala_renderer.text_layout.fonts import LARGEST_GLYPH, Font

_Pixels: TypeAlias = npt.NDArray[np.uint8]

_REDUCED: Final = 4
_MAX_EMOJI_PIXELS: Final = 1024


class Placed(Protocol):
    """A glyph and its origin, in pixels from the left and the top."""

    @property
    def font(self) -> Font: ...
    @property
    def number(self) -> int: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...


def letters(
    glyphs: Sequence[Placed], em: float, size: tuple[int, int], margin: int = 0
) -> Image.Image:
    """Return the mask of the glyphs on a canvas of ``size``; colour glyphs are skipped."""
    canvas = Image.new("L", size)
    raster = hb.RasterDraw()
    for glyph in glyphs:
        if glyph.font.coloured or not _is_drawable(glyph):
            continue
        scale = em / glyph.font.units
        raster.transform = (scale, 0, 0, scale, glyph.x + margin, -glyph.y - margin)
        raster.draw_glyph(glyph.font.shaper, glyph.number)
    image = raster.render()
    extents = image.extents if image else None
    if not image or not extents or not extents.width or not extents.height:
        return canvas
    inked = (extents.width, extents.height)
    # HarfBuzz stores rows from bottom to top.
    mask = Image.frombytes("L", inked, bytes(image.buffer), "raw", "L", extents.stride, -1)
    canvas.paste(mask, (extents.x_origin, -(extents.y_origin + extents.height)))
    return canvas


def _is_drawable(glyph: Placed) -> bool:
    """Return False for a glyph that is far too large: the mask has room for all of it.

    The check of users' variable fonts measures glyphs at their default weight only.
    """
    found = glyph.font.shaper.get_glyph_extents(glyph.number)
    if found is None:
        return True
    reach = max(map(abs, (found.x_bearing, found.y_bearing, found.width, found.height)))
    return bool(reach <= LARGEST_GLYPH * glyph.font.units)


def grown(mask: Image.Image, radius: float) -> Image.Image:
    """Return the mask dilated by a disc of ``radius`` pixels."""
    first = radius // 2 if radius > 3 else 0.0
    pixels = np.asarray(mask)
    # In two passes: once the inside is filled, a large disc needs only its rim.
    for part in (first, radius - first):
        pixels = _dilated(pixels, part)
    return Image.fromarray(pixels)


def _dilated(pixels: _Pixels, radius: float) -> _Pixels:
    if radius <= 0:
        return pixels
    reach = math.ceil(radius)
    height, width = pixels.shape
    padded = np.pad(pixels, reach)
    result = pixels.copy()
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            part = min(1.0, radius + 1 - math.hypot(down, right))
            if part <= 0 or math.hypot(down, right) < radius - 1.5:
                continue
            moved = padded[reach + down :, reach + right :][:height, :width]
            if part < 1:
                moved = (moved.astype(np.uint16) * round(part * 256) >> 8).astype(np.uint8)
            np.maximum(result, moved, out=result)
    return result


def blurred(mask: Image.Image, radius: float) -> Image.Image:
    """Return the mask blurred; wide blurs are computed at a quarter of the size."""
    if radius < 2 * _REDUCED:
        return mask.filter(ImageFilter.GaussianBlur(radius)) if radius > 0 else mask
    little = mask.reduce(_REDUCED).filter(ImageFilter.GaussianBlur(radius / _REDUCED))
    whole = (little.width * _REDUCED, little.height * _REDUCED)
    return little.resize(whole, Image.Resampling.BILINEAR).crop((0, 0, *mask.size))


def coloured(mask: Image.Image, colour: str, opacity: float = 1.0) -> Image.Image:
    """Return a picture of one colour with the mask as its transparency."""
    picture = Image.new("RGBA", mask.size, colour)
    picture.putalpha(mask if opacity >= 1 else mask.point(lambda value: value * opacity))
    return picture


def emoji(
    glyphs: Sequence[Placed], em: float, size: tuple[int, int], margin: int = 0
) -> Image.Image | None:
    """Return the colour glyphs on a canvas of ``size``, or None if there are none."""
    canvas = None
    for glyph in glyphs:
        drawn = _emoji(glyph.font, glyph.number, round(em, 2)) if glyph.font.coloured else None
        if drawn is None:
            continue
        picture, left, top = drawn
        canvas = canvas or Image.new("RGBA", size)
        corner = (round(glyph.x + left) + margin, round(glyph.y + top) + margin)
        layer = Image.new("RGBA", size)
        layer.paste(picture, corner)
        canvas.alpha_composite(layer)
    return canvas


@lru_cache(maxsize=256)
def _emoji(font: Font, number: int, em: float) -> tuple[Image.Image, float, float] | None:
    """Return a glyph's picture and the offset of its corner from the origin, in pixels."""
    blob = font.shaper.get_glyph_color_png(number) if font.shaper.face.has_color_png else None
    if blob and len(blob.data):
        return _bitmap(font, number, em, blob.data)
    return _painting(font, number, em)


def _bitmap(
    font: Font, number: int, em: float, data: bytes
) -> tuple[Image.Image, float, float] | None:
    extents = font.shaper.get_glyph_extents(number)
    if extents is None or not extents.width:
        return None
    scale = em / font.units
    width, height = abs(extents.width) * scale, abs(extents.height) * scale
    with Image.open(io.BytesIO(data), formats=["PNG"]) as stored:
        if max(stored.size) > _MAX_EMOJI_PIXELS:
            return None
        whole = stored.convert("RGBA")
    sides = (max(1, round(width)), max(1, round(height)))
    picture = whole.resize(sides, Image.Resampling.LANCZOS, reducing_gap=2)
    return picture, extents.x_bearing * scale, -extents.y_bearing * scale


def _painting(font: Font, number: int, em: float) -> tuple[Image.Image, float, float] | None:
    raster = hb.RasterPaint()
    scale = em / font.units
    raster.transform = (scale, 0, 0, scale, 0, 0)
    raster.paint_glyph(font.shaper, number)
    image = raster.render()
    extents = image.extents if image else None
    if not image or not extents or not extents.width or not extents.height:
        return None
    size = (extents.width, extents.height)
    stored = Image.frombytes("RGBA", size, bytes(image.buffer), "raw", "BGRa", extents.stride, -1)
    return stored, float(extents.x_origin), float(-(extents.y_origin + extents.height))
