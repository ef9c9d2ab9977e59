"""Paints a set text into a transparent picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uharfbuzz as hb
from PIL import Image, ImageChops, ImageColor, ImageFilter

from gala_renderer.text_layout.fit_box import FittedText

_LIGHT: Final = 0.5
_FAST_PNG: Final = 1
_REDUCED: Final = 4


@dataclass(frozen=True, slots=True)
class Ink:
    """How a text looks: its colour as ``#rrggbb``, and whether it must hold on any picture."""

    colour: str
    on_picture: bool


@dataclass(frozen=True, slots=True)
class TextImage:
    """A PNG, and where its corner is: pixels from the box's left and top."""

    path: Path
    x: int
    y: int


def luminance(colour: str) -> float:
    """How light a ``#rrggbb`` colour looks: 0 is black, 1 is white."""
    red, green, blue = (_linear(part / 255) for part in ImageColor.getrgb(colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def paint(setting: FittedText, ink: Ink, path: Path) -> TextImage | None:
    """Write the text's picture to ``path``; ``None`` if there is nothing to see."""
    drawn = _mask(setting)
    if drawn is None:
        return None
    mask, x, y = drawn
    if not ink.on_picture:
        _coloured(mask, ink.colour).save(path, compress_level=_FAST_PNG)
        return TextImage(path, x, y)
    margin = setting.size
    grown = Image.new("L", (mask.width + 2 * margin, mask.height + 2 * margin))
    grown.paste(mask, (margin, margin))
    shade = "#000000" if luminance(ink.colour) > _LIGHT / 2 else "#ffffff"
    picture = _coloured(_shade(grown, setting.size), shade)
    picture.alpha_composite(_coloured(grown, ink.colour))
    picture.save(path, compress_level=_FAST_PNG)
    return TextImage(path, x - margin, y - margin)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _mask(setting: FittedText) -> tuple[Image.Image, int, int] | None:
    raster = hb.RasterDraw()
    for glyph in setting.glyphs:
        scale = setting.size / glyph.font.units
        raster.transform = (scale, 0, 0, scale, glyph.x, -glyph.y)
        raster.draw_glyph(glyph.font.shaper, glyph.number)
    image = raster.render()
    extents = image.extents if image else None
    if not image or not extents or not extents.width or not extents.height:
        return None
    size = (extents.width, extents.height)
    # Rows come from the bottom up, as the coordinates do.
    mask = Image.frombytes("L", size, bytes(image.buffer), "raw", "L", extents.stride, -1)
    return mask, extents.x_origin, -(extents.y_origin + extents.height)


def _shade(mask: Image.Image, size: int) -> Image.Image:
    """A wide, faint shade that calms the picture behind, and a close one that cuts the edges."""
    # Blurred at a quarter of the size: nobody sees the difference, and it is ten times faster.
    little = mask.reduce(_REDUCED)
    em = size / _REDUCED
    wide = little.filter(ImageFilter.GaussianBlur(em * 0.33)).point(lambda v: min(120, v * 1.5))
    close = little.filter(ImageFilter.GaussianBlur(em * 0.07)).point(lambda v: min(190, v * 1.1))
    lowered = ImageChops.offset(close, 0, round(em * 0.03))
    return ImageChops.screen(wide, lowered).resize(mask.size, Image.Resampling.BILINEAR)


def _coloured(mask: Image.Image, colour: str) -> Image.Image:
    picture = Image.new("RGBA", mask.size, colour)
    picture.putalpha(mask)
    return picture
