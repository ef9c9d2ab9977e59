"""Plans ``picture_in_picture``: a small video on a large one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

from gala.render_types.params.framing import Anchor, Fit
from gala.render_types.picture_in_picture import PictureInPictureParams, SoundOf
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import scaling, transparency
from gala_renderer.ffmpeg.color import normalise_colour, transparent_rgb
from gala_renderer.ffmpeg.inputs import Stream, own_input, user_input, video_of
from gala_renderer.ffmpeg.overlay import (
    Edge,
    Rectangle,
    over,
    paint_border,
    paint_mask,
    paint_shadow,
    placed,
)
from gala_renderer.ffmpeg.video_source import (
    Size,
    Target,
    at_rate,
    even,
    even_size,
    held,
    inspect_video,
    language_of,
    mp4_output,
    pictures,
    rate_of,
    rate_text,
    sound,
    with_end,
)
from gala_renderer.probe.media import Media, VideoStream

NAME: Final = "picture_in_picture"


@dataclass(frozen=True, slots=True)
class Inset:
    """The small picture: its place, its times in seconds, and the PNGs for its edge."""

    media: Media
    box: Rectangle
    start: float
    end: float
    mask: Path | None = None
    border: Path | None = None
    shadow: Path | None = None


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Draw PNGs for corners, border and shadow; plan one pass of FFmpeg."""
    params = cast(PictureInPictureParams, order.params)
    file, small = order.files("video")[0], order.files("inset")[0]
    base = await inspect_video(context, file)
    media = await context.inspect(small)
    media.require_picture(small.field)
    if params.sound is SoundOf.INSET:
        media.require_sound(small.field)
    form = order.format
    picture = base.require_picture(file.field)
    size = (form.width, form.height) if form else even_size(picture)
    rate = Fraction(form.fps) if form else rate_of(picture)
    inset = await asyncio.to_thread(_inset, media, params, size, base.length, context.scratch)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part("video.mp4"), choice.encoding, rate, context.threads)
    arguments = composed(base, inset, params.sound, size, target)
    return Plan(
        steps=(FFmpegStep("encoding", arguments, base.length),),
        outputs={"video": "video.mp4"},
        warnings=choice.warnings,
    )


def box_of(params: PictureInPictureParams, picture: VideoStream, size: Size) -> Rectangle:
    """Return the inset's rectangle on a frame of that size, never larger than the frame."""
    shape = even_size(picture)
    grow = params.size * min(size[0] / shape[0], size[1] / shape[1])
    inner = (min(size[0], even(shape[0] * grow)), min(size[1], even(shape[1] * grow)))
    if params.x is not None and params.y is not None:
        x, y = even(params.x * size[0]), even(params.y * size[1])
        return Rectangle(min(x, size[0] - inner[0]), min(y, size[1] - inner[1]), *inner)
    margin = round(params.margin * min(size))
    if params.position is Anchor.CENTER:
        margin = 0
    return placed(params.position, inner, size, min(margin, *_max_margins(inner, size)))


def _max_margins(inner: Size, size: Size) -> tuple[int, int]:
    return (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2


def _inset(
    media: Media, params: PictureInPictureParams, size: Size, seconds: float, folder: Path
) -> Inset:
    picture = media.require_picture("inset")
    box = box_of(params, picture, size)
    edge = Edge(
        round(params.radius * min(box.width, box.height)),
        params.border_width,
        params.border_color,
        params.shadow,
    )
    mask = folder / "mask.png" if edge.radius else None
    border = folder / "border.png" if edge.border else None
    shadow = folder / "shadow.png" if edge.shadow else None
    if mask:
        paint_mask(mask, box, edge)
    if border:
        paint_border(border, box, edge)
    if shadow:
        paint_shadow(shadow, box, edge, size)
    end = seconds if params.end is None else min(seconds, params.end)
    if not picture.still:
        end = min(end, params.start + media.length)
    return Inset(media, box, params.start, end, mask, border, shadow)


def composed(
    base: Media, inset: Inset, source: SoundOf, size: Size, target: Target
) -> tuple[str, ...]:
    """Return the arguments of the pass."""
    shown = scaling.fitted(pictures(base, target.rate), *size, Fit.CONTAIN)
    when = {"start": inset.start, "end": inset.end}
    if inset.shadow:
        shown = over(shown, _still(inset.shadow, target.rate), 0, 0, **when)
    shown = over(shown, _small(inset, target.rate), inset.box.x, inset.box.y, **when)
    if inset.border:
        border = _still(inset.border, target.rate)
        shown = over(shown, border, inset.box.x, inset.box.y, **when)
    audio = _audio(base, inset, source, base.length)
    language = language_of(base if source is SoundOf.BASE else inset.media)
    return mp4_output(shown, audio, target, seconds=base.length, language=language)


def _small(inset: Inset, rate: Fraction) -> Stream:
    picture = inset.media.require_picture("inset")
    if picture.still:
        shown = _fitted(user_input(inset.media, an=None).video, picture, inset.box)
        shown = shown.filter("loop", loop=-1, size=1).filter("fps", rate_text(rate))
    else:
        # `null` keeps it apart from an equal base video in the graph.
        source = video_of(inset.media, user_input(inset.media)).filter("null")
        # Without a single frame, the mask would be drawn without end.
        moving = at_rate(with_end(source, rate), rate)
        shown = held(_fitted(moving, picture, inset.box), inset.media)
        shown = shown.filter("setpts", f"PTS+{inset.start:.6f}/TB")
    if inset.mask is None:
        return shown
    mask = own_input(inset.mask).filter("format", "gray").filter("loop", loop=-1, size=1)
    mask = mask.filter("fps", rate_text(rate))
    return transparency.masked(shown.filter("format", "yuva420p"), mask)


def _fitted(stream: Stream, picture: VideoStream, box: Rectangle) -> Stream:
    if not picture.alpha:
        shown = normalise_colour(stream, picture)
        return scaling.covering(shown, box.width, box.height)

    def cover(one: Stream) -> Stream:
        return scaling.covering(one, box.width, box.height, flags=transparency.SMOOTH)

    return transparency.layer(transparent_rgb(stream, picture), cover)


def _still(path: Path, rate: Fraction) -> Stream:
    drawn = own_input(path).filter("scale", out_color_matrix="bt709", out_range="tv")
    drawn = drawn.filter("format", "yuva420p").filter("loop", loop=-1, size=1)
    return drawn.filter("fps", rate_text(rate))


def _audio(base: Media, inset: Inset, source: SoundOf, seconds: float) -> Stream | None:
    own = sound(base) if source is not SoundOf.INSET else None
    other = sound(inset.media) if source is not SoundOf.BASE else None
    if other is not None:
        shown = sounds.cut(other.filter("anull"), 0.0, max(0.05, inset.end - inset.start))
        other = sounds.delayed(shown, inset.start)
    streams = [stream for stream in (own, other) if stream is not None]
    return sounds.fitted(sounds.mixed(streams), seconds) if streams else None
