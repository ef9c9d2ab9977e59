"""What is drawn before FFmpeg runs: backgrounds, shapes, texts, masks, as PNGs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from gala.timeline.compilation.layers import WHOLE_PICTURE, Box
from gala.timeline.document.elements import ShapeElement, ShapeName
from gala_renderer.ffmpeg.video_source import even

_FINER: Final = 2
_FAST_PNG: Final = 1
SWATCH: Final = (16, 16)
"""Pixels of a picture of one color that FFmpeg enlarges, in little time."""


@dataclass(frozen=True, slots=True)
class Area:
    """The part of a box that is on the frame: even pixels, and what it is of the box."""

    x: int
    y: int
    width: int
    height: int
    part: Box
    """In fractions of the box's sides."""

    @classmethod
    def whole(cls, width: int, height: int) -> Area:
        """Return an area that has the whole box."""
        return cls(0, 0, width, height, WHOLE_PICTURE)

    @classmethod
    def of(cls, box: Box, frame: tuple[int, int]) -> Area | None:
        """Return the part of a box that is on the frame, None if nothing is."""
        x, right = _span(box.left, box.width, frame[0])
        y, bottom = _span(box.top, box.height, frame[1])
        if right <= x or bottom <= y:
            return None
        left, top = 2 * round(box.left / 2), 2 * round(box.top / 2)
        width, height = even(box.width), even(box.height)
        part = Box(
            (x - left) / width, (y - top) / height, (right - x) / width, (bottom - y) / height
        )
        return cls(x, y, right - x, bottom - y, part)


def _span(start: float, length: float, side: int) -> tuple[int, int]:
    first = 2 * round(start / 2)
    return max(0, first), min(side, first + even(length))


def paint_color(path: Path, color: str, size: tuple[int, int]) -> None:
    """Write a picture of one colour."""
    Image.new("RGB", size, color).save(path, compress_level=_FAST_PNG)


def paint_clear(path: Path, size: tuple[int, int]) -> None:
    """Write a picture that is transparent everywhere."""
    Image.new("RGBA", size).save(path, compress_level=_FAST_PNG)


def drawn_shape(element: ShapeElement, area: Area, short_side: float) -> Image.Image:
    """Return the part of a shape that is in an area, in RGBA, transparent around it."""
    whole = _whole(area)
    picture = Image.new("RGBA", (area.width * _FINER, area.height * _FINER))
    border = round(element.border_width * short_side) * _FINER
    outline = element.border_color if border else None
    draw = ImageDraw.Draw(picture)
    if element.shape is ShapeName.ELLIPSE:
        draw.ellipse(whole, element.color, outline, border)
    else:
        radius = element.radius * min(whole[2] - whole[0], whole[3] - whole[1])
        draw.rounded_rectangle(whole, radius, element.color, outline, border)
    picture = _with_color_everywhere(picture, element.color, bordered=border > 0)
    return picture.resize((area.width, area.height), Image.Resampling.BOX)


def save_png(picture: Image.Image, path: Path) -> None:
    """Write a PNG that FFmpeg reads once."""
    picture.save(path, compress_level=_FAST_PNG)


def _with_color_everywhere(picture: Image.Image, color: str, *, bordered: bool) -> Image.Image:
    """Return the picture with its colour also where it is transparent, which edges mix in."""
    if bordered:
        return picture
    filled = Image.new("RGB", picture.size, color)
    filled.putalpha(picture.getchannel("A"))
    return filled


def drawn_mask(area: Area, radius: float) -> Image.Image:
    """Return a grey picture that is white where a box with round corners is."""
    if radius <= 0:
        return Image.new("L", (area.width, area.height), 255)
    whole = _whole(area)
    mask = Image.new("L", (area.width * _FINER, area.height * _FINER))
    side = min(whole[2] - whole[0], whole[3] - whole[1])
    ImageDraw.Draw(mask).rounded_rectangle(whole, radius * side, 255)
    return mask.resize((area.width, area.height), Image.Resampling.BOX)


def _whole(area: Area) -> tuple[float, float, float, float]:
    """Return the corners of the whole box on the enlarged picture of its area."""
    width = area.width / area.part.width * _FINER
    height = area.height / area.part.height * _FINER
    left, top = -area.part.left * width, -area.part.top * height
    return left, top, left + width - 1, top + height - 1
