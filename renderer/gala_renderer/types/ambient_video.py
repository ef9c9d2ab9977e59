"""Plans ``ambient_video``: a clip encoded once, repeated by copying, under one new sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.render_types.ambient_video import AmbientVideoParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.concat_demuxer import chained
from gala_renderer.ffmpeg.encoder_options import AAC, MP4, REPRODUCIBLE, VideoEncoding
from gala_renderer.ffmpeg.inputs import Stream, audio_of, looped_input, seconds_text, user_input
from gala_renderer.ffmpeg.video_source import (
    Target,
    even_size,
    inspect_video,
    mp4_output,
    pictures,
    rate_of,
)
from gala_renderer.probe.media import Media

NAME: Final = "ambient_video"

_MAX_REPETITIONS: Final = 20_000
_MAX_DIALOGUES: Final = 100
_SILENT_DB: Final = -100.0
_JOIN_WEIGHT: Final = 0.05
"""The duration of copying the video and encoding the sound, relative to encoding a video."""


@dataclass(frozen=True, slots=True)
class _Clip:
    """The clip and how it is encoded; all its copies have ``frames`` frames."""

    media: Media
    size: tuple[int, int]
    rate: Fraction
    frames: int
    params: AmbientVideoParams


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to encode one repetition and the remainder, then to join them with the sound."""
    params = cast(AmbientVideoParams, order.params)
    clip = await _clip(order, context, params)
    count, rest = _repetitions(clip)
    seconds = float((count * clip.frames + rest) / clip.rate)
    sound = await _sound(order, context, params, seconds)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    steps, names = [], []
    for name, times, frames in (("once.mp4", count, clip.frames), ("rest.mp4", 1, rest)):
        if times and frames:
            steps.append(_encoding(clip, frames, context, choice.encoding, name))
            names += [name] * times
    joining = _join(context.scratch, names, sound, seconds, context.part("video.mp4"))
    steps.append(FFmpegStep("repeating", joining, seconds, _JOIN_WEIGHT * seconds))
    return Plan(tuple(steps), outputs={"video": "video.mp4"}, warnings=choice.warnings)


async def _clip(order: RenderOrder, context: RenderContext, params: AmbientVideoParams) -> _Clip:
    media = await inspect_video(context, order.files("video")[0])
    picture = media.require_picture("video")
    rate = rate_of(picture)
    size = (
        (params.width, params.height)
        if params.width is not None and params.height is not None
        else even_size(picture)
    )
    return _Clip(media, size, rate, max(1, round(media.length * rate)), params)


def _repetitions(clip: _Clip) -> tuple[int, int]:
    """Return the number of whole repetitions, and the frames of the last, partial one."""
    total = max(1, round(Fraction(clip.params.duration) * clip.rate))
    count, rest = divmod(total, clip.frames)
    if count > _MAX_REPETITIONS:
        raise InvalidRequest(
            f"params.duration: the clip would be repeated {count} times; at most"
            f" {_MAX_REPETITIONS} times are possible. Use a longer clip.",
            field="params.duration",
        )
    return count, rest


def _encoding(
    clip: _Clip, frames: int, context: RenderContext, encoding: VideoEncoding, name: str
) -> FFmpegStep:
    target = Target(context.scratch / name, encoding, clip.rate, context.threads)
    shown = scaling.fitted(pictures(clip.media, clip.rate), *clip.size, clip.params.fit)
    held = shown.filter("tpad", stop=-1, stop_mode="clone").trim(end_frame=frames)
    seconds = float(frames / clip.rate)
    return FFmpegStep("encoding", mp4_output(held, None, target, seconds=seconds), seconds, seconds)


async def _sound(
    order: RenderOrder, context: RenderContext, params: AmbientVideoParams, seconds: float
) -> Stream:
    """Return the mix of music and dialogue, of exactly that length."""
    music_file, files = order.input("music"), order.files("dialogue")
    if len(files) > _MAX_DIALOGUES:
        field = files[0].field
        raise InvalidRequest(f"{field}: at most {_MAX_DIALOGUES} files.", field=field)
    spoken = await context.inspect_all(files)
    for file, media in zip(files, spoken, strict=True):
        media.require_sound(file.field)
    voice = _dialogue(spoken, params.dialogue_pause, seconds) if spoken else None
    if music_file is None:
        return sounds.limited(voice)
    media = await context.inspect(music_file)
    media.require_sound(music_file.field)
    music = _music(media, params, seconds)
    if voice is None:
        return sounds.limited(music)
    return sounds.music_under(voice, music, duck_db=params.ducking_db)


def _music(media: Media, params: AmbientVideoParams, seconds: float) -> Stream:
    source = audio_of(media, looped_input(media, seconds, vn=None))
    steady = sounds.fitted(sounds.stereo(source, media.require_sound("music")), seconds)
    volume = params.music_volume
    loud = sounds.gained(steady, 20 * log10(volume) if volume > 0 else _SILENT_DB)
    fade = params.music_fade
    return sounds.faded(loud, fade_in=fade, fade_out=fade, seconds=seconds)


def _dialogue(spoken: Sequence[Media], pause: float, seconds: float) -> Stream:
    parts: list[Stream] = []
    for media in spoken:
        if parts and pause:
            parts.append(sounds.silence(pause, number=len(parts)))
        source = audio_of(media, user_input(media, vn=None))
        parts.append(sounds.stereo(source, media.require_sound("dialogue")))
    return sounds.fitted(sounds.joined(parts), seconds)


def _join(
    folder: Path, names: Sequence[str], sound: Stream, seconds: float, target: Path
) -> tuple[str, ...]:
    shown = chained(folder / "pictures.ffconcat", names).video
    options: dict[str, Any] = {"c:v": "copy", **AAC, **MP4, **REPRODUCIBLE}
    output = ffmpeg.output(shown, sound, str(target), t=seconds_text(seconds), **options)
    return tuple(output.get_args())
