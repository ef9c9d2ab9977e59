"""Plans ``slideshow``: still or moving pictures with transitions and music."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.render_types.params.transitions import TransitionName
from gala.render_types.slideshow import MAX_PICTURES, SlideshowParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile, RenderOrder
from gala_renderer.engine.plan import Canvas, FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import ken_burns, scaling
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import capped
from gala_renderer.ffmpeg.inputs import Stream, audio_of, looped_input, user_input
from gala_renderer.ffmpeg.ken_burns import MovingPicture
from gala_renderer.ffmpeg.video_source import Target, mp4_output
from gala_renderer.ffmpeg.xfade import XFADE, crossed
from gala_renderer.probe.media import Media

NAME: Final = "slideshow"

_FADE_SECONDS: Final = 1.0


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan a step for each moving picture, then one pass of FFmpeg."""
    params = cast(SlideshowParams, order.params)
    files = order.files("pictures")
    if len(files) > MAX_PICTURES:
        field = files[0].field
        raise InvalidRequest(f"{field}: at most {MAX_PICTURES} pictures.", field=field)
    pictures = await _pictures(context, files)
    form = order.canvas_format
    slide = Canvas(form.width, form.height, form.fps, max(1, round(params.seconds_each * form.fps)))
    overlap = _overlap(params, slide)
    frames = len(files) * slide.frames - (len(files) - 1) * overlap
    whole = Canvas(form.width, form.height, form.fps, frames)
    music = await _music(order, context)
    moving = _moving(pictures, params, slide)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    encoding = capped(choice.encoding, params.max_bit_rate_kbps)
    target = Target(context.part("video.mp4"), encoding, Fraction(form.fps), context.threads)
    if moving:
        shown = [ken_burns.stream(one, context.scratch, at) for at, one in enumerate(moving)]
    else:
        shown = [still(media, params, slide, at) for at, media in enumerate(pictures)]
    audio = None if music is None else _music_stream(music, params, whole.seconds)
    arguments = mp4_output(_joined(shown, params, slide), audio, target, seconds=whole.seconds)
    feeder = ken_burns.feeder(moving, context.scratch, context.threads) if moving else None
    steps = ken_burns.preparation_steps(moving, context.scratch)
    return Plan(
        (*steps, FFmpegStep("encoding", arguments, whole.seconds, whole.seconds, feeder)),
        outputs={"video": "video.mp4"},
        warnings=choice.warnings,
    )


def _overlap(params: SlideshowParams, slide: Canvas) -> int:
    """Return the number of frames of a transition."""
    if params.transition is TransitionName.NONE:
        return 0
    return min(slide.frames // 2, max(1, round(params.transition_seconds * slide.fps)))


def _moving(
    pictures: Sequence[Media], params: SlideshowParams, slide: Canvas
) -> list[MovingPicture]:
    if params.motion is None or params.motion.is_still:
        return []
    return [
        ken_burns.moving_picture(media, slide, params.motion, background=params.color)
        for media in pictures
    ]


async def _pictures(context: RenderContext, files: Sequence[InputFile]) -> list[Media]:
    found = await context.inspect_all(files)
    for media, file in zip(found, files, strict=True):
        media.require_picture(file.field)
    return found


async def _music(order: RenderOrder, context: RenderContext) -> Media | None:
    file = order.input("music")
    if file is None:
        return None
    media = await context.inspect(file)
    media.require_sound(file.field)
    return media


def still(media: Media, params: SlideshowParams, slide: Canvas, at: int) -> Stream:
    """Return a still picture for the length of its slide, drawn once and repeated."""
    source = user_input(media, an=None).video
    # The number keeps it apart from the same picture elsewhere in the graph.
    first = source.trim(end_frame=1).filter("setpts", f"{at}-{at}")
    picture = media.require_picture("pictures")
    converted = normalise_colour(first, picture, background=params.color)
    one = scaling.fitted(converted, slide.width, slide.height, params.fit, colour=params.color)
    return (
        one.filter("loop", loop=slide.frames - 1, size=1)
        .filter("settb", f"1/{slide.fps}")
        .filter("setpts", "N")
        .filter("fps", slide.fps)
        .trim(end_frame=slide.frames)
    )


def _joined(shown: Sequence[Stream], params: SlideshowParams, slide: Canvas) -> Stream:
    overlap = _overlap(params, slide)
    if not overlap or len(shown) == 1:
        return shown[0] if len(shown) == 1 else ffmpeg.concat(*shown)
    whole = shown[0]
    for at, following in enumerate(shown[1:], 1):
        whole = crossed(
            whole,
            following,
            XFADE[params.transition],
            duration=f"{overlap / slide.fps:.6f}",
            offset=f"{at * (slide.frames - overlap) / slide.fps:.6f}",
        )
    return whole


def _music_stream(music: Media, params: SlideshowParams, seconds: float) -> Stream:
    source = audio_of(music, looped_input(music, seconds, vn=None))
    steady = sounds.fitted(sounds.stereo(source, music.require_sound("music")), seconds)
    loud = sounds.limited(sounds.gained(steady, params.music_volume_db))
    return sounds.faded(loud, fade_in=_FADE_SECONDS / 2, fade_out=_FADE_SECONDS, seconds=seconds)
