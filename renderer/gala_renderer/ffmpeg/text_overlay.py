"""Texts on video: laid out, drawn once as a PNG, and overlaid by FFmpeg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import ffmpeg

from gala.errors import InvalidRequest
from gala_renderer.ffmpeg.inputs import Stream, own_input, seconds_text
from gala_renderer.ffmpeg.video_source import Size
from gala_renderer.text_layout.fit_box import broken, longest
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.paragraph import paragraphs
from gala_renderer.text_layout.styled_layout import Block, TextSpan, TextStyle, lay_out

_FAST_PNG: Final = 1
_MAX_PIXELS: Final = 40_000_000
_MIN_SCALE: Final = 0.5
"""How far text may be scaled down so that a long word is not broken."""


@dataclass(frozen=True, slots=True)
class Title:
    """A PNG drawn by GALA, the even coordinates of its corner, and when it is shown, in seconds."""

    path: Path
    x: int
    y: int
    start: float = 0.0
    end: float | None = None
    fade_in: float = 0.0
    fade_out: float = 0.0


def set_lines(
    text: str, style: TextStyle, chain: Sequence[Font], max_width: float
) -> tuple[Block, list[str]]:
    """Lay out the text in lines of about equal length, ``max_width`` pixels at most.

    Returns the layout and the lines. Raises ``InvalidRequest`` for a text too long for that size.
    """
    prepared = [replace(paragraph, chain=tuple(chain)) for paragraph in paragraphs(text)]
    style = _scaled(style, _size(longest(prepared), style.size, max_width))
    lines = [line for paragraph in prepared for line in broken(paragraph, max_width / style.size)]
    if len(lines) * style.line_spacing * style.size * max_width > _MAX_PIXELS:
        raise InvalidRequest(
            "params.text: the text is too long for this font size; it would exceed any video.",
            hint="Choose a smaller font_size or a shorter text.",
            field="params.text",
        )
    # A right-to-left text stays so, even if one of its lines begins with a left-to-right word.
    from_right = True if prepared and prepared[0].base_level == 1 else None
    return lay_out([[line] for line in lines], style, chain, from_right=from_right), lines


def _scaled(style: TextStyle, size: float) -> TextStyle:
    part = size / style.size
    return replace(
        style,
        size=size,
        stroke_width=style.stroke_width * part,
        shadow_blur=style.shadow_blur * part,
        shadow_offset=style.shadow_offset * part,
    )


def _size(longest_word: float, size: float, max_width: float) -> float:
    """Return the em in pixels: reduced if that keeps a word from being broken."""
    fits = longest_word * size <= max_width
    if fits or longest_word * size * _MIN_SCALE > max_width:
        return size
    # Rounded down, so that it fits.
    return int(100 * max_width / longest_word) / 100


def paint(block: Block, lines: Sequence[str], corner: Size, frame: Size, path: Path) -> Size | None:
    """Write the part of the block that is on the frame and return its corner, or ``None``.

    ``corner`` is the position of the block's box.
    """
    return paint_spans(block, [[TextSpan(line)] for line in lines], corner, frame, path)


def paint_spans(
    block: Block, lines: Sequence[Sequence[TextSpan]], corner: Size, frame: Size, path: Path
) -> Size | None:
    """Write a block as :func:`paint` does, with the looks of the spans of its lines."""
    picture = block.picture(lines)
    visible = picture.getchannel("A").getbbox()
    if visible is None:
        return None
    left, top = corner[0] - block.margin, corner[1] - block.margin
    # Even corners, because chroma is stored at half the resolution.
    area = (
        max(0, (left + visible[0]) // 2 * 2),
        max(0, (top + visible[1]) // 2 * 2),
        min(frame[0], -(-(left + visible[2]) // 2) * 2),
        min(frame[1], -(-(top + visible[3]) // 2) * 2),
    )
    if area[2] <= area[0] or area[3] <= area[1]:
        return None
    shown = picture.crop((area[0] - left, area[1] - top, area[2] - left, area[3] - top))
    shown.save(path, compress_level=_FAST_PNG)
    return area[0], area[1]


def over_video(shown: Stream, title: Title, *, seconds: float, rate: str) -> Stream:
    """Overlay the title on a video (8-bit 4:2:0 in BT.709) of ``seconds``."""
    drawn = own_input(title.path).filter("scale", out_color_matrix="bt709", out_range="tv")
    drawn = drawn.filter("format", "yuva420p")
    end = seconds if title.end is None else min(title.end, seconds)
    if title.fade_in or title.fade_out:
        drawn = _fading(drawn, title, end, rate)
    when = {}
    if title.start > 0 or end < seconds:
        when["enable"] = f"gte(t,{seconds_text(title.start)})*lt(t,{seconds_text(end)})"
    # `eof_action=repeat` holds the one picture: nothing is decoded or converted twice.
    return ffmpeg.filter(
        [shown, drawn],
        "overlay",
        x=title.x,
        y=title.y,
        format="yuv420",
        eof_action="repeat",
        eval="init",
        **when,
    )


def _fading(drawn: Stream, title: Title, end: float, rate: str) -> Stream:
    moving = drawn.filter("loop", loop=-1, size=1).filter("fps", rate)
    moving = moving.filter("trim", end=seconds_text(end))
    if title.fade_in:
        moving = moving.filter(
            "fade", t="in", alpha=1, st=seconds_text(title.start), d=seconds_text(title.fade_in)
        )
    if title.fade_out:
        begins = max(title.start, end - title.fade_out)
        length = max(0.001, end - begins)
        moving = moving.filter(
            "fade", t="out", alpha=1, st=seconds_text(begins), d=seconds_text(length)
        )
    return moving
