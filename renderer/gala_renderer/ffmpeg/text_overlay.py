"""A text that was drawn once, laid over footage. Pure but for the drawing."""

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
from gala_renderer.text_layout.styled_layout import Block, Piece, TextStyle, lay_out

_FAST_PNG: Final = 1
_MAX_PIXELS: Final = 40_000_000
_LEAST: Final = 0.5
"""How much smaller text may become, so that a long word stays whole."""


@dataclass(frozen=True, slots=True)
class Title:
    """A PNG of ours and where its corner is on the frame, both even; from when to when."""

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
    """The text laid out, and its lines: no wider than ``max_width`` pixels, of about equal length.

    Raises ``InvalidRequest`` for more text than can be drawn in that size.
    """
    prepared = [replace(paragraph, chain=tuple(chain)) for paragraph in paragraphs(text)]
    style = _scaled(style, _size(longest(prepared), style.size, max_width))
    lines = [line for paragraph in prepared for line in broken(paragraph, max_width / style.size)]
    if len(lines) * style.line_spacing * style.size * max_width > _MAX_PIXELS:
        raise InvalidRequest(
            "params.text: so long a text in this size is larger than any video.",
            hint="Choose a smaller font_size or a shorter text.",
            field="params.text",
        )
    # A text that begins from the right goes on so, also where a line begins with a foreign word.
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
    """The em in pixels: smaller where that saves a word from being cut."""
    fits = longest_word * size <= max_width
    if fits or longest_word * size * _LEAST > max_width:
        return size
    # Downwards, so that it does fit.
    return int(100 * max_width / longest_word) / 100


def paint(block: Block, lines: Sequence[str], corner: Size, frame: Size, path: Path) -> Size | None:
    """Write what of the block is seen on the frame, and give its corner; ``None`` if nothing is.

    ``corner`` is where the block's box is.
    """
    picture = block.picture([[Piece(line)] for line in lines])
    seen = picture.getchannel("A").getbbox()
    if seen is None:
        return None
    left, top = corner[0] - block.margin, corner[1] - block.margin
    # Even corners, because colour is stored at half the resolution.
    area = (
        max(0, (left + seen[0]) // 2 * 2),
        max(0, (top + seen[1]) // 2 * 2),
        min(frame[0], -(-(left + seen[2]) // 2) * 2),
        min(frame[1], -(-(top + seen[3]) // 2) * 2),
    )
    if area[2] <= area[0] or area[3] <= area[1]:
        return None
    shown = picture.crop((area[0] - left, area[1] - top, area[2] - left, area[3] - top))
    shown.save(path, compress_level=_FAST_PNG)
    return area[0], area[1]


def over_film(shown: Stream, title: Title, *, seconds: float, rate: str) -> Stream:
    """The title over footage (8 bit 4:2:0 in BT.709) that lasts for ``seconds``."""
    drawn = own_input(title.path).filter("scale", out_color_matrix="bt709", out_range="tv")
    drawn = drawn.filter("format", "yuva420p")
    end = seconds if title.end is None else min(title.end, seconds)
    if title.fade_in or title.fade_out:
        drawn = _fading(drawn, title, end, rate)
    when = {}
    if title.start > 0 or end < seconds:
        when["enable"] = f"gte(t,{seconds_text(title.start)})*lt(t,{seconds_text(end)})"
    # One picture, which stays: nothing is decoded or converted twice.
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
