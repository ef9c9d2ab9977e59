"""Plans ``add_text``: a text on a video."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from gala.errors import UnprocessableMedia
from gala.render_types.add_text import AddTextParams
from gala.render_types.params.framing import Fit
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import scaling, text_overlay
from gala_renderer.ffmpeg.text_overlay import Title
from gala_renderer.ffmpeg.video_source import (
    Size,
    Target,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    own_sound,
    pictures,
    rate_of,
    rate_text,
)
from gala_renderer.probe.media import Media
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.styled_layout import Block, TextStyle

NAME: Final = "add_text"

_MIN_LINE_WIDTH: Final = 0.1
"""The minimum line width, relative to the frame's width, of a text that starts far right."""

_COPYABLE_CODECS: Final = frozenset({"aac", "ac3", "alac", "eac3", "mp3"})
"""Audio codecs that MP4 supports and players play."""


@dataclass(frozen=True, slots=True)
class _DrawnText:
    """The text's PNG, ``None`` if no part of it is visible, and characters without a font."""

    title: Title | None
    missing: tuple[str, ...]


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Draw the text once, and plan one pass of FFmpeg that overlays it."""
    params = cast(AddTextParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    picture = media.require_picture(file.field)
    if params.start >= media.length:
        raise UnprocessableMedia(
            f"params.start: the video ends at {media.length:.3f} s.",
            hint="Choose an earlier start.",
            field="params.start",
        )
    form = order.format
    size = (form.width, form.height) if form else even_size(picture)
    rate = Fraction(form.fps) if form else rate_of(picture)
    chain = await asyncio.to_thread(
        context.fonts.chain, params.font, bold=params.bold, italic=params.italic
    )
    drawn = await asyncio.to_thread(_draw, params, chain, size, context.scratch / "text.png")
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part("video.mp4"), choice.encoding, rate, context.threads)
    missing = (f"no font here has {' '.join(drawn.missing)}",) if drawn.missing else ()
    return Plan(
        steps=(FFmpegStep("encoding", titled(media, drawn.title, size, target), media.length),),
        outputs={"video": "video.mp4"},
        warnings=(*choice.warnings, *missing),
    )


def style_of(params: AddTextParams) -> TextStyle:
    """Return the text style of the params."""
    boxed = params.box_color is not None
    return TextStyle(
        font=params.font,
        size=params.font_size,
        bold=params.bold,
        italic=params.italic,
        colour=params.color,
        stroke_colour=params.stroke_color,
        stroke_width=params.stroke_width,
        shadow_colour=params.shadow_color,
        shadow_opacity=params.shadow_opacity,
        shadow_blur=params.shadow_blur,
        shadow_offset=params.shadow_offset,
        box_colour=params.box_color,
        box_opacity=params.box_opacity,
        box_padding=params.box_padding if boxed else 0.0,
        box_radius=params.box_radius,
        align=params.align.value,
        line_spacing=params.line_spacing,
    )


def corner_of(params: AddTextParams, block: Size, frame: Size) -> Size:
    """Return the left and top edges of the text, in pixels of the frame."""
    pad = params.box_padding if params.box_color is not None else 0.0
    if params.x is not None and params.y is not None:
        x = params.x * frame[0] if params.x <= 1 else params.x
        y = params.y * frame[1] if params.y <= 1 else params.y
        return round(x + pad), round(y + pad)
    across, down = params.position.parts
    edge = params.margin * min(frame) + pad

    def offset(part: float, side: int, frame_side: int) -> int:
        free = frame_side - side
        # A text larger than the frame is centred.
        return round(free / 2 if free < 2 * edge else edge + part * (free - 2 * edge))

    return offset(across, block[0], frame[0]), offset(down, block[1], frame[1])


def titled(media: Media, title: Title | None, size: Size, target: Target) -> tuple[str, ...]:
    """Return the arguments of the pass; sound is copied if it can be."""
    seconds = media.length
    shown = scaling.fitted(pictures(media, target.rate), *size, Fit.CONTAIN)
    if title is not None:
        shown = text_overlay.over_video(shown, title, seconds=seconds, rate=rate_text(target.rate))
    audio, copied = own_sound(media, _COPYABLE_CODECS)
    return mp4_output(
        shown, audio, target, seconds=seconds, copied=copied, language=language_of(media)
    )


def _draw(params: AddTextParams, chain: tuple[Font, ...], frame: Size, path: Path) -> _DrawnText:
    style = style_of(params)
    width = _line_width(params, style, frame)
    block, lines = text_overlay.set_lines(params.text, style, chain, width)
    corner = text_overlay.paint(block, lines, _corner(params, block, frame), frame, path)
    if corner is None:
        return _DrawnText(None, block.missing)
    title = Title(path, *corner, params.start, params.end, params.fade_in, params.fade_out)
    return _DrawnText(title, block.missing)


def _line_width(params: AddTextParams, style: TextStyle, frame: Size) -> float:
    """Return the maximum line width: as requested, but not beyond the right margin."""
    width = frame[0] * params.max_width - 2 * style.box_padding
    if params.x is not None:
        left = params.x * frame[0] if params.x <= 1 else params.x
        right = frame[0] - params.margin * min(frame)
        # A text that is placed next to the edge is meant to be there.
        width = min(width, max(right - left - 2 * style.box_padding, _MIN_LINE_WIDTH * frame[0]))
    return max(1.0, width)


def _corner(params: AddTextParams, block: Block, frame: Size) -> Size:
    return corner_of(params, (block.width, block.height), frame)
