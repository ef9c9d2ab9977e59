"""Picture in picture: placement, rounded corners, border and shadow, drawn as PNGs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ffmpeg
from PIL import Image, ImageDraw, ImageFilter

from gala.render_types.params.framing import Anchor
from gala_renderer.ffmpeg.inputs import Stream, seconds_text

_FINER: Final = 4
"""Edges are drawn this many times larger and scaled down, which smooths them."""
_SHADOW_BLUR: Final = 0.06
_SHADOW_DROP: Final = 0.03
_SHADOW_LIGHT: Final = 110
"""The maximum opacity of a shadow, of 255."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle on the frame, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Edge:
    """The edge of a rectangle: corner radius and border width in pixels, and its shadow."""

    radius: int = 0
    border: int = 0
    colour: str = "#ffffff"
    shadow: bool = False

    @property
    def plain(self) -> bool:
        """True if there is nothing to draw."""
        return not (self.radius or self.border or self.shadow)


def placed(anchor: Anchor, size: tuple[int, int], frame: tuple[int, int], margin: int) -> Rectangle:
    """Return the rectangle of that size at an anchor of the frame, ``margin`` from its edges."""
    across, down = anchor.parts
    x = margin + across * (frame[0] - size[0] - 2 * margin)
    y = margin + down * (frame[1] - size[1] - 2 * margin)
    return Rectangle(2 * round(x / 2), 2 * round(y / 2), *size)


def over(
    base: Stream, top: Stream, x: int, y: int, *, start: float = 0.0, end: float | None = None
) -> Stream:
    """Overlay ``top`` (8-bit 4:2:0, with or without alpha) on ``base`` between two times."""
    when = {}
    if start > 0 or end is not None:
        until = f"*lt(t,{seconds_text(end)})" if end is not None else ""
        when["enable"] = f"gte(t,{seconds_text(start)}){until}"
    return ffmpeg.filter(
        [base, top], "overlay", x=x, y=y, format="yuv420", eof_action="pass", eval="init", **when
    )


def paint_mask(path: Path, box: Rectangle, edge: Edge) -> None:
    """Write a grey PNG of the box's size that is white inside its rounded corners."""
    large = Image.new("L", (box.width * _FINER, box.height * _FINER))
    corners = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(corners, edge.radius * _FINER, fill=255)
    large.resize((box.width, box.height), Image.Resampling.LANCZOS).save(path)


def paint_border(path: Path, box: Rectangle, edge: Edge) -> None:
    """Write a transparent PNG of the box's size with its border, inside the edge."""
    large = Image.new("L", (box.width * _FINER, box.height * _FINER))
    corners = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(
        corners, edge.radius * _FINER, outline=255, width=edge.border * _FINER
    )
    alpha = large.resize((box.width, box.height), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", alpha.size, edge.colour)
    picture.putalpha(alpha)
    picture.save(path)


def paint_shadow(path: Path, box: Rectangle, edge: Edge, frame: tuple[int, int]) -> None:
    """Write a transparent PNG of the frame's size with the soft shadow of the box."""
    shorter = min(box.width, box.height)
    drop = round(shorter * _SHADOW_DROP)
    alpha = Image.new("L", frame)
    corners = (box.x, box.y + drop, box.x + box.width - 1, box.y + drop + box.height - 1)
    ImageDraw.Draw(alpha).rounded_rectangle(corners, edge.radius, fill=_SHADOW_LIGHT)
    alpha = alpha.filter(ImageFilter.GaussianBlur(max(1.0, shorter * _SHADOW_BLUR)))
    picture = Image.new("RGB", frame, "#000000")
    picture.putalpha(alpha)
    picture.save(path)
