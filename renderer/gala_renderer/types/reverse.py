"""Plans ``reverse``: a video backwards, in parts, because FFmpeg holds what it reverses in memory.

Each part is decoded, reversed and encoded separately, the last part first. Then the parts are
concatenated without encoding, and the sound, which was stored without loss, is encoded once.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, Final, cast

import ffmpeg

from gala.render_types.reverse import ReverseParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import RenderOrder
from gala_renderer.engine.plan import FFmpegStep, Plan
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg import scaling
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.concat_demuxer import joined
from gala_renderer.ffmpeg.encoder_options import AUDIO_RATE, REPRODUCIBLE
from gala_renderer.ffmpeg.inputs import audio_of, seconds_text, user_input
from gala_renderer.ffmpeg.part_source import pictures_from
from gala_renderer.ffmpeg.video_source import (
    Target,
    even_size,
    inspect_video,
    language_of,
    mp4_output,
    rate_of,
)
from gala_renderer.probe.media import AudioStream, Media

NAME: Final = "reverse"

_PART_BYTES: Final = 256 * 1024**2
"""The size of decoded frames that one part may hold in memory."""
_WAV: Final[dict[str, Any]] = {"f": "wav", "rf64": "auto", "c:a": "pcm_f32le", **REPRODUCIBLE}
_MIN_FRAMES: Final = 8
_MAX_FRAMES: Final = 600


async def plan(order: RenderOrder, context: RenderContext) -> Plan:
    """Plan a step for each part, and one that concatenates them."""
    params = cast(ReverseParams, order.params)
    file = order.files("video")[0]
    media = await inspect_video(context, file)
    picture = media.require_picture(file.field)
    rate = rate_of(picture)
    choice = await context.services.encoders.choose(params.encoder, params.quality)
    frames = max(1, round(media.length * rate))
    size = part_frames(*even_size(picture))
    length = float(frames / rate)
    steps, names, whole = [], [], None
    if params.sound and media.sound is not None:
        whole = context.scratch / "sound.wav"
        arguments = _whole_sound(media, media.sound, length, whole)
        steps.append(FFmpegStep("decoding the sound", arguments, length, length / 20))
    for at in reversed(range(ceil(frames / size))):
        names.append(f"part-{at}")
        target = Target(context.scratch / f"part-{at}.mp4", choice.encoding, rate, context.threads)
        count = min(size, frames - at * size)
        arguments = reversed_part(media, at * size, count, target, whole)
        steps.append(FFmpegStep("reversing", arguments, float(count / rate), float(count / rate)))
    joining = joined(
        context.scratch,
        [f"{name}.mp4" for name in names],
        [f"{name}.wav" for name in names] if whole else [],
        context.part("video.mp4"),
        seconds=length,
        language=language_of(media),
    )
    steps.append(FFmpegStep("joining", joining, length, length / 10))
    return Plan(tuple(steps), outputs={"video": "video.mp4"}, warnings=choice.warnings)


def part_frames(width: int, height: int) -> int:
    """Return the number of frames of that size in one part."""
    return min(_MAX_FRAMES, max(_MIN_FRAMES, _PART_BYTES * 2 // (width * height * 3)))


def reversed_part(
    media: Media, first: int, count: int, target: Target, sound: Path | None
) -> tuple[str, ...]:
    """Return arguments that write ``count`` frames from ``first`` on, backwards.

    ``sound`` is a WAV file of the whole sound; the part that belongs to the frames is written to a
    file beside the video.
    """
    picture = media.require_picture("video")
    start, seconds = Fraction(first) / target.rate, Fraction(count) / target.rate
    steady = pictures_from(media, start, count, target.rate, an=None)
    whole = scaling.contained(normalise_colour(steady, picture), *even_size(picture))
    backwards = whole.filter("setpts", "PTS-STARTPTS").filter("reverse")
    beside = []
    if sound is not None:
        samples = [round(time * AUDIO_RATE) for time in (start, start + seconds)]
        part = _sound_part(sound, samples[0], samples[1] - samples[0]).filter("areverse")
        beside = [ffmpeg.output(part, str(target.path.with_suffix(".wav")), **_WAV)]
    return mp4_output(backwards, None, target, seconds=float(seconds), beside=beside)


def _whole_sound(media: Media, sound: AudioStream, seconds: float, target: Path) -> tuple[str, ...]:
    source = sounds.stereo(audio_of(media, user_input(media, vn=None)), sound)
    written = ffmpeg.output(sounds.fitted(source, seconds), str(target), **_WAV)
    return tuple(written.get_args())


def _sound_part(whole: Path, first: int, count: int) -> Any:
    # A quarter of a sample early, so that rounding does not lose the first one.
    start = seconds_text(max(0.0, (first - 0.25) / AUDIO_RATE))
    part = ffmpeg.input(str(whole), f="wav", ss=start).audio.filter("asetpts", "PTS-STARTPTS")
    return part.filter("apad", whole_len=count).filter("atrim", end_sample=count)
