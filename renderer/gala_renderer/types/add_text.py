"""Makes ``add_text``: a text on a video."""

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
    media_input,
    mp4_output,
    pictures,
    rate_of,
    rate_text,
    seconds_of,
    sound,
)
from gala_renderer.probe.media import Media
from gala_renderer.text_layout.fonts import Font
from gala_renderer.text_layout.styled_layout import Block, TextStyle

NAME: Final = "add_text"

_LEAST_ROOM: Final = 0.1
"""Of the frame's width, for lines of a text that begins somewhere on the right."""

_COPIED: Final = frozenset({"aac", "ac3", "alac", "eac3", "mp3"})
"""Sounds that an MP4 takes as they are and players play."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    title: Title | None
    missing: tuple[str, ...]


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """One pass of FFmpeg over a text that was drawn once."""
    params = cast(AddTextParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    picture = media.require_picture(file.field)
    if params.start >= seconds_of(media):
        raise UnprocessableMedia(
            f"params.start: the video ends at {seconds_of(media):.3f} s.",
            hint="Choose an earlier start.",
            field="params.start",
        )
    form = order.format
    size = (form.width, form.height) if form else even_size(picture)
    rate = Fraction(form.fps) if form else rate_of(picture)
    chain = await asyncio.to_thread(
        context.services.fonts.chain, params.font, bold=params.bold, italic=params.italic
    )
    drawn = await asyncio.to_thread(_draw, params, chain, size, context.scratch / "text.png")
    chosen = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part("video.mp4"), chosen.encoding, rate, context.threads)
    missing = (f"no font here has {' '.join(drawn.missing)}",) if drawn.missing else ()
    return Plan(
        steps=(
            FFmpegStep("encoding", titled(media, drawn.title, size, target), seconds_of(media)),
        ),
        outputs={"video": "video.mp4"},
        warnings=(*chosen.warnings, *missing),
    )


def style_of(params: AddTextParams) -> TextStyle:
    """The params' look."""
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
    """Where the text's left and top edges are, in pixels of the frame."""
    pad = params.box_padding if params.box_color is not None else 0.0
    if params.x is not None and params.y is not None:
        x = params.x * frame[0] if params.x <= 1 else params.x
        y = params.y * frame[1] if params.y <= 1 else params.y
        return round(x + pad), round(y + pad)
    across, down = params.position.parts
    edge = params.margin * min(frame) + pad

    def placed(part: float, side: int, room: int) -> int:
        free = room - side
        # What is larger than the frame stands in its middle.
        return round(free / 2 if free < 2 * edge else edge + part * (free - 2 * edge))

    return placed(across, block[0], frame[0]), placed(down, block[1], frame[1])


def titled(media: Media, title: Title | None, size: Size, target: Target) -> tuple[str, ...]:
    """The arguments of that pass; the sound is copied where players play it."""
    seconds = seconds_of(media)
    shown = scaling.fitted(pictures(media, target.rate), *size, Fit.CONTAIN)
    if title is not None:
        shown = text_overlay.over_video(shown, title, seconds=seconds, rate=rate_text(target.rate))
    if media.sound is not None and media.sound.codec in _COPIED:
        return mp4_output(shown, media_input(media).audio, target, seconds=seconds, copied=True)
    return mp4_output(shown, sound(media), target, seconds=seconds)


def _draw(params: AddTextParams, chain: tuple[Font, ...], frame: Size, path: Path) -> _Drawn:
    style = style_of(params)
    block, lines = text_overlay.set_lines(params.text, style, chain, _room(params, style, frame))
    corner = text_overlay.paint(block, lines, _corner(params, block, frame), frame, path)
    if corner is None:
        return _Drawn(None, block.missing)
    title = Title(path, *corner, params.start, params.end, params.fade_in, params.fade_out)
    return _Drawn(title, block.missing)


def _room(params: AddTextParams, style: TextStyle, frame: Size) -> float:
    """How wide the lines may be: what was asked for, and no further than to the right margin."""
    wanted = frame[0] * params.max_width - 2 * style.box_padding
    if params.x is not None:
        left = params.x * frame[0] if params.x <= 1 else params.x
        right = frame[0] - params.margin * min(frame)
        # Whoever begins next to the edge wants it there.
        wanted = min(wanted, max(right - left - 2 * style.box_padding, _LEAST_ROOM * frame[0]))
    return max(1.0, wanted)


def _corner(params: AddTextParams, block: Block, frame: Size) -> Size:
    return corner_of(params, (block.width, block.height), frame)
