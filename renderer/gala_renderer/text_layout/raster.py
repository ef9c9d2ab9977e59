"""Draw a fitted text into a transparent picture."""

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
    """The colour of a text, as ``#rrggbb``, and whether it is drawn over a picture.

    Over a picture it gets a shade that keeps it legible on any background.
    """

    colour: str
    on_picture: bool


@dataclass(frozen=True, slots=True)
class TextImage:
    """A PNG file and the position of its top left corner, in pixels from that of the box."""

    path: Path
    x: int
    y: int


def luminance(colour: str) -> float:
    """Return the relative luminance of a ``#rrggbb`` colour: 0 is black, 1 is white."""
    red, green, blue = (_linear_light(part / 255) for part in ImageColor.getrgb(colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def paint(setting: FittedText, ink: Ink, path: Path) -> TextImage | None:
    """Write the text's picture to ``path``; return None if no glyph is visible."""
    masked = _mask(setting)
    if masked is None:
        return None
    mask, x, y = masked
    if not ink.on_picture:
        _coloured(mask, ink.colour).save(path, compress_level=_FAST_PNG)
        return TextImage(path, x, y)
    margin = setting.size
    padded = Image.new("L", (mask.width + 2 * margin, mask.height + 2 * margin))
    padded.paste(mask, (margin, margin))
    shade = "#000000" if luminance(ink.colour) > _LIGHT / 2 else "#ffffff"
    picture = _coloured(_shade(padded, setting.size), shade)
    picture.alpha_composite(_coloured(padded, ink.colour))
    picture.save(path, compress_level=_FAST_PNG)
    return TextImage(path, x - margin, y - margin)


def _linear_light(part: float) -> float:
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
    # HarfBuzz stores rows from bottom to top.
    mask = Image.frombytes("L", size, bytes(image.buffer), "raw", "L", extents.stride, -1)
    return mask, extents.x_origin, -(extents.y_origin + extents.height)


def _shade(mask: Image.Image, size: int) -> Image.Image:
    """Return a wide, faint shadow that evens the background, plus a close one for contrast."""
    # Blurred at a quarter of the size: ten times faster, with no visible difference.
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
