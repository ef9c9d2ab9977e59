"""Makes ``merge``: clips on the frame of the first, one after the other, with music under them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from fractions import Fraction
from math import log10
from typing import Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.media import MAX_DURATION_MS
from gala.types.merge import MergeParams
from gala_renderer import framing
from gala_renderer import sound as sounds
from gala_renderer.argv import Stream, looped_input
from gala_renderer.footage import (
    Size,
    Target,
    even_size,
    film,
    movie,
    pictures,
    rate_of,
    seconds_of,
    sound,
)
from gala_renderer.media import Media
from gala_renderer.order import Order
from gala_renderer.plan import FFmpegStep, Plan
from gala_renderer.studio import Studio

NAME: Final = "merge"

_MOST_CLIPS: Final = 100
_USUAL_VOLUME: Final = 0.5
_SILENT_DB: Final = -100.0


async def plan(order: Order, studio: Studio) -> Plan:
    """One pass of FFmpeg."""
    params = cast(MergeParams, order.params)
    files = order.files("videos")
    if len(files) > _MOST_CLIPS:
        field = files[0].field
        raise InvalidRequest(f"{field}: at most {_MOST_CLIPS} clips.", field=field)
    clips = await asyncio.gather(*(film(studio, file) for file in files))
    seconds = sum(seconds_of(clip) for clip in clips)
    if seconds * 1000 > MAX_DURATION_MS:
        field = files[0].field
        raise InvalidRequest(f"{field}: together the clips are too long.", field=field)
    music = await _music(order, studio, seconds)
    first = clips[0].require_picture(files[0].field)
    form = order.format
    size = (form.width, form.height) if form else even_size(first)
    rate = Fraction(form.fps) if form else rate_of(first)
    chosen = await studio.services.encoders.choose(params.encoder, params.quality)
    target = Target(studio.part("video.mp4"), chosen.encoding, rate, studio.threads)
    arguments = merged(clips, music, params, size, target)
    return Plan(
        steps=(FFmpegStep("encoding", arguments, seconds),),
        outputs={"video": "video.mp4"},
        warnings=chosen.warnings,
    )


async def _music(order: Order, studio: Studio, seconds: float) -> Media | None:
    file = order.input("music")
    if file is None:
        return None
    media = await studio.inspect(file)
    media.require_sound(file.field)
    return await studio.loopable(media, seconds=seconds)


def merged(
    clips: Sequence[Media], music: Media | None, params: MergeParams, size: Size, target: Target
) -> tuple[str, ...]:
    """The arguments of that pass."""
    counts = [max(1, round(seconds_of(clip) * target.rate)) for clip in clips]
    lengths = [float(count / target.rate) for count in counts]
    seconds = sum(lengths)
    shown = []
    for at, (clip, count) in enumerate(zip(clips, counts, strict=True)):
        # The number tells it from the same clip elsewhere.
        steady = pictures(clip, target.rate).filter("setpts", f"PTS+{at}-{at}")
        fitted = framing.fitted(steady, *size, params.fit, colour=params.color)
        held = fitted.filter("tpad", stop=-1, stop_mode="clone").trim(end_frame=count)
        shown.append(held.filter("format", "yuv420p"))
    heard = _heard(clips, lengths, music, params)
    whole = shown[0] if len(shown) == 1 else ffmpeg.concat(*shown)
    return movie(whole, heard, target, seconds=seconds)


def _heard(
    clips: Sequence[Media], lengths: Sequence[float], music: Media | None, params: MergeParams
) -> Stream | None:
    if music is None and all(clip.sound is None for clip in clips):
        return None
    parts = []
    for at, (clip, seconds) in enumerate(zip(clips, lengths, strict=True)):
        own = sound(clip)
        if own is None:
            own = sounds.silence(seconds)
        parts.append(sounds.fitted(own.filter("asetpts", f"PTS+{at}-{at}"), seconds))
    voice = sounds.joined(parts)
    if music is None:
        return voice
    return sounds.music_under(voice, _under(music, params, sum(lengths)), duck_db=params.ducking_db)


def _under(music: Media, params: MergeParams, seconds: float) -> Stream:
    source = looped_input(music, seconds, vn=None).audio
    steady = sounds.fitted(sounds.stereo(source, music.require_sound("music")), seconds)
    fades = {"fade_in": params.music_fade, "fade_out": params.music_fade}
    return sounds.faded(sounds.gained(steady, volume_db(params)), **fades, seconds=seconds)


def volume_db(params: MergeParams) -> float:
    """How loud the music is, in decibels relative to its own level."""
    if params.music_volume_db is not None:
        return params.music_volume_db
    volume = _USUAL_VOLUME if params.music_volume is None else params.music_volume
    return 20 * log10(volume) if volume > 0 else _SILENT_DB
