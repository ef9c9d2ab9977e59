"""Plans ``loop``: a video repeated, with every frame encoded once at most.

Whole repetitions of an ordinary video are copied. The sound of all repetitions is encoded in one
run: AAC streams begin with priming samples, so concatenated copies would click and drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.errors import InvalidRequest
from gala.media import MAX_DURATION_MS
from gala.render_types.loop import LoopParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.concat_demuxer import joined
from gala_renderer.ffmpeg.encoder_options import MP4, REPRODUCIBLE, VideoEncoding
from gala_renderer.ffmpeg.inputs import audio_of, seconds_text, user_input, video_of
from gala_renderer.ffmpeg.video_source import (
    Target,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    pictures,
    rate_of,
)
from gala_renderer.probe.media import AudioStream, Media, VideoStream

NAME: Final = "loop"

_MAX_FILES: Final = 5000
_COPY_WEIGHT: Final = 0.02
"""The duration of copying, relative to encoding."""


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan to write one repetition and the remainder to files, then to concatenate them."""
    params = cast(LoopParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    picture = media.require_picture(file.field)
    rate = rate_of(picture)
    frames = max(1, round(media.length * rate))
    times = _repetitions(params, frames, rate)
    length = float((times.count * frames + times.rest) / rate)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    steps, names = _files(media, times, rate, choice.encoding, context)
    whole = None
    if media.sound is not None:
        whole = context.scratch / "sound.wav"
        once = float(frames / rate)
        steps.append(FFmpegStep("decoding", _wave(media, media.sound, once, whole), once, once / 9))
    joining = joined(
        context.scratch,
        names,
        [whole.name] * len(names) if whole else [],
        context.part("video.mp4"),
        seconds=length,
        language=language_of(media),
    )
    steps.append(FFmpegStep("repeating", joining, length, _COPY_WEIGHT * length))
    return Plan(tuple(steps), outputs={"video": "video.mp4"}, warnings=choice.warnings)


@dataclass(frozen=True, slots=True)
class Repetitions:
    """The frames of one repetition, the number of whole ones, and the frames of a partial one."""

    frames: int
    count: int
    rest: int


def _repetitions(params: LoopParams, frames: int, rate: Fraction) -> Repetitions:
    total = params.count * frames if params.count else round(Fraction(params.duration or 0) * rate)
    count, rest = divmod(max(1, total), frames)
    field = "params.count" if params.count else "params.duration"
    if float(total / rate) * 1000 > MAX_DURATION_MS or count > _MAX_FILES:
        raise InvalidRequest(f"{field}: the result would be too long.", field=field)
    return Repetitions(frames, count, rest)


def _files(
    media: Media,
    times: Repetitions,
    rate: Fraction,
    encoding: VideoEncoding,
    context: RenderContext,
) -> tuple[list[FFmpegStep], list[str]]:
    once = float(times.frames / rate)
    if times.rest == 0 and can_be_copied(media.require_picture("video"), times.frames):
        arguments = _copy(media, once, context.scratch / "once.mp4")
        step = FFmpegStep("copying", arguments, once, _COPY_WEIGHT * once)
        return [step], ["once.mp4"] * times.count
    steps = []
    for name, length in (
        ("once.mp4", times.frames if times.count else 0),
        ("rest.mp4", times.rest),
    ):
        if length:
            target = Target(context.scratch / name, encoding, rate, context.threads)
            seconds = float(length / rate)
            arguments = _encode(media, length, target)
            steps.append(FFmpegStep("encoding", arguments, seconds, seconds))
    return steps, ["once.mp4"] * times.count + ["rest.mp4"] * (times.rest > 0)


def can_be_copied(picture: VideoStream, frames: int) -> bool:
    """Return True if every player supports the stream, with a constant rate from 0 on.

    It must hold exactly the ``frames`` that are shown: frames hidden by an edit list would appear.
    """
    return (
        picture.codec == "h264"
        and picture.pixel_format == "yuv420p"
        and picture.steady
        and not picture.interlaced
        and picture.rotation == 0
        and picture.sample_aspect == 1
        and picture.start < 0.001
        and picture.frames in (None, frames)
    )


def _copy(media: Media, seconds: float, target: Path) -> tuple[str, ...]:
    source = video_of(media, user_input(media, an=None))
    options: dict[str, Any] = {"c:v": "copy", **MP4, **REPRODUCIBLE}
    output = ffmpeg.output(source, str(target), t=seconds_text(seconds), **options)
    return tuple(output.get_args())


def _encode(media: Media, frames: int, target: Target) -> tuple[str, ...]:
    shown = scaling.contained(pictures(media, target.rate), *even_size(media.require_picture("")))
    held = shown.filter("tpad", stop=-1, stop_mode="clone").trim(end_frame=frames)
    return mp4_output(held, None, target, seconds=float(frames / target.rate))


def _wave(media: Media, sound: AudioStream, seconds: float, target: Path) -> tuple[str, ...]:
    source = sounds.stereo(audio_of(media, user_input(media, vn=None)), sound)
    options = {"f": "wav", "rf64": "auto", "c:a": "pcm_f32le", **REPRODUCIBLE}
    return tuple(ffmpeg.output(sounds.fitted(source, seconds), str(target), **options).get_args())
