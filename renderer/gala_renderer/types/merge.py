"""Plans ``merge``: clips one after the other on the frame of the first, with background music.

Clips with equal stream parameters are joined without encoding the video; others are encoded on one
canvas in one pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import log10
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.media import Format
from gala.render_types.merge import MergeParams
from gala_renderer.cutting.concat_graph import Join, Take, joined_pictures, joined_sound
from gala_renderer.cutting.plan import spliced_or_encoded
from gala_renderer.cutting.ranges import shown_seconds, within_limits
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.encoder_options import AAC, MP4, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import Stream, audio_of, looped_input, seconds_text
from gala_renderer.ffmpeg.video_source import (
    Target,
    common_rate,
    even_size,
    inspect_video,
    mp4_output,
)
from gala_renderer.probe.media import Media
from gala_renderer.types.concatenate import agree

NAME: Final = "merge"

_VIDEO: Final = "video.mp4"
_MAX_CLIPS: Final = 100
_DEFAULT_VOLUME: Final = 0.5
_SILENT_DB: Final = -100.0
_SOUND_WEIGHT: Final = 0.3
"""The duration of encoding the sound, relative to joining the video."""


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to copy the video and encode one sound, or one pass of FFmpeg."""
    params = cast(MergeParams, order.params)
    files = order.files("videos")
    field = files[0].field
    if len(files) > _MAX_CLIPS:
        raise InvalidRequest(f"{field}: at most {_MAX_CLIPS} clips.", field=field)
    clips = [await inspect_video(context, file) for file in files]
    join = _join(clips, params, order.format)
    within_limits(join.seconds, field)
    music = await _music(order, context)
    if agree(clips, join):
        return _copied(context, join, music, params)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    target = Target(context.part(_VIDEO), choice.encoding, join.rate, context.threads)
    shown, audio = joined_pictures(join), merged_sound(join, music, params)
    arguments = mp4_output(shown, audio, target, seconds=join.seconds)
    return Plan(
        steps=(FFmpegStep("encoding", arguments, join.seconds),),
        outputs={"video": _VIDEO},
        warnings=choice.warnings,
    )


def _join(clips: Sequence[Media], params: MergeParams, form: Format | None) -> Join:
    first = clips[0].require_picture("picture")
    rate = Fraction(form.fps) if form else common_rate(clips)
    takes = tuple(
        Take(media=clip, frames=max(1, round(shown_seconds(clip) * rate))) for clip in clips
    )
    size = (form.width, form.height) if form else even_size(first)
    return Join(takes=takes, size=size, rate=rate, fit=params.fit)


async def _music(order: RenderOrder, context: RenderContext) -> Media | None:
    file = order.input("music")
    if file is None:
        return None
    media = await context.inspect(file)
    media.require_sound(file.field)
    return media


def _copied(context: RenderContext, join: Join, music: Media | None, params: MergeParams) -> Plan:
    joined = spliced_or_encoded(context, join, params)
    if music is None:
        return joined

    async def with_music() -> Plan:
        output = context.part(_VIDEO)
        video = await asyncio.to_thread(output.rename, context.scratch / "joined.mp4")
        arguments = _add_music(video, merged_sound(join, music, params), join, context.part(_VIDEO))
        return Plan((FFmpegStep("adding music", arguments, join.seconds),), {"video": _VIDEO})

    return _append(joined, with_music)


def _append(plan: Plan, last: Callable[[], Awaitable[Plan]]) -> Plan:
    """Return the plan with ``last`` appended as its final part."""
    earlier = plan.then
    if earlier is None:
        return replace(plan, then=last, then_weight=_SOUND_WEIGHT)

    async def then() -> Plan:
        return _append(await earlier(), last)

    return replace(plan, then=then, then_weight=_SOUND_WEIGHT)


def _add_music(video: Path, audio: Stream | None, join: Join, target: Path) -> tuple[str, ...]:
    shown = ffmpeg.input(str(video), f="mp4").video
    options: dict[str, Any] = {"c:v": "copy", **AAC, **MP4, **REPRODUCIBLE}
    output = ffmpeg.output(shown, audio, str(target), t=seconds_text(join.seconds), **options)
    return tuple(output.get_args())


def merged_sound(join: Join, music: Media | None, params: MergeParams) -> Stream | None:
    """Return the clips' sound, at its own level, over the music; ``None`` if there is neither."""
    voice = joined_sound(join)
    if music is None:
        return voice
    background = _background_music(music, params, join.seconds)
    if voice is None:
        return sounds.limited(background)
    return sounds.music_under(voice, background, duck_db=params.ducking_db)


def _background_music(music: Media, params: MergeParams, seconds: float) -> Stream:
    source = audio_of(music, looped_input(music, seconds, vn=None))
    steady = sounds.fitted(sounds.stereo(source, music.require_sound("music")), seconds)
    loud = sounds.gained(steady, volume_db(params))
    fade = params.music_fade
    return sounds.faded(loud, fade_in=fade, fade_out=fade, seconds=seconds)


def volume_db(params: MergeParams) -> float:
    """Return the gain of the music in decibels."""
    if params.music_volume_db is not None:
        return params.music_volume_db
    volume = _DEFAULT_VOLUME if params.music_volume is None else params.music_volume
    return 20 * log10(volume) if volume > 0 else _SILENT_DB
