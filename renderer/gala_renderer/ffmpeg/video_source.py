"""Videos as they come, made ready to be worked on, and the MP4 in the end. Pure.

Pictures: turned upright, with the colours that every screen shows, at a constant rate. Sound: 48
kHz stereo. Both begin at 0 together, as the source's player would show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeAlias

import ffmpeg

from gala.errors import UnprocessableMedia
from gala.media import MAX_FPS, USUAL_FPS
from gala_renderer.engine.context import RenderContext
from gala_renderer.engine.order import InputFile
from gala_renderer.ffmpeg import audio_filters as sounds
from gala_renderer.ffmpeg.color import normalise_colour
from gala_renderer.ffmpeg.encoder_options import (
    AAC,
    MP4,
    REPRODUCIBLE,
    VideoEncoding,
    h264,
    uploaded,
)
from gala_renderer.ffmpeg.inputs import Stream, looped_input, seconds_text, user_input
from gala_renderer.probe.media import Media, VideoStream

Size: TypeAlias = tuple[int, int]

_MOST_SIDE: Final = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """Where a video goes and how it is encoded; its rate in frames a second."""

    path: Path
    encoding: VideoEncoding
    rate: Fraction
    threads: int


async def inspect_video(context: RenderContext, file: InputFile) -> Media:
    """A staged video that moves; raises ``UnprocessableMedia`` naming its field for others."""
    media = await context.inspect(file)
    picture = media.require_picture(file.field)
    if picture.still or not seconds_of(media):
        raise UnprocessableMedia(
            f"{file.field}: this file is a single picture, not a video.",
            hint="Choose a video.",
            field=file.field,
        )
    return media


def seconds_of(media: Media) -> float:
    """How long its pictures are shown, in seconds; 0 if that is not known."""
    picture = media.picture
    if picture is None or picture.seconds is None:
        return media.seconds or 0.0
    return picture.seconds


def rate_of(picture: VideoStream) -> Fraction:
    """Its frame rate, within what we make; that of most videos if it does not tell."""
    known = picture.rate or (Fraction(picture.fps).limit_denominator(1001) if picture.fps else None)
    if known is None or known <= 0:
        return Fraction(USUAL_FPS)
    return min(Fraction(MAX_FPS), max(Fraction(1), known.limit_denominator(1001)))


def even_size(picture: VideoStream) -> Size:
    """Its size as shown, with even sides; smaller if it is larger than what we make."""
    width, height = float(picture.width), float(picture.height)
    if picture.sample_aspect > 0:
        width *= float(picture.sample_aspect)
    shrink = min(1.0, _MOST_SIDE / width, _MOST_SIDE / height)
    return even(width * shrink), even(height * shrink)


def even(value: float) -> int:
    """The even number of pixels next to it, at least 2."""
    return max(2, 2 * round(value / 2))


def pictures(media: Media, rate: Fraction | None, *, loop_for: float | None = None) -> Stream:
    """Its frames, upright, in usual colours, at ``rate`` (its own times if ``None``).

    With ``loop_for`` it begins again until so many seconds are full.
    """
    picture = media.require_picture("picture")
    source = media_input(media, loop_for).video
    steady = source if rate is None else at_rate(source, rate)
    return normalise_colour(steady, picture, alpha=picture.alpha)


def at_rate(stream: Stream, rate: Fraction) -> Stream:
    """Constant frame rate from 0 on, what is missing there shown as the first frame."""
    return stream.filter("fps", rate_text(rate), start_time=0)


def sound(media: Media, *, loop_for: float | None = None) -> Stream | None:
    """Its sound in 48 kHz stereo; ``None`` if it has none."""
    if media.sound is None:
        return None
    return sounds.stereo(media_input(media, loop_for).audio, media.sound)


def media_input(media: Media, loop_for: float | None = None) -> Stream:
    """The file as an input; all that is taken from equal ones is read once."""
    return user_input(media) if loop_for is None else looped_input(media, loop_for)


def mp4_output(
    shown: Stream, heard: Stream | None, target: Target, *, seconds: float, copied: bool = False
) -> tuple[str, ...]:
    """Arguments that write the MP4, ``seconds`` long.

    ``heard`` is encoded, or copied as it is if ``copied``.
    """
    encoding = target.encoding
    streams = [uploaded(shown, encoding)]
    options: dict[str, Any] = {
        **MP4,
        **h264(encoding, fps=float(target.rate), threads=target.threads),
        "r": rate_text(target.rate),
        "t": seconds_text(seconds),
        **REPRODUCIBLE,
    }
    if heard is not None:
        streams.append(heard)
        options |= {"c:a": "copy"} if copied else AAC
    output = ffmpeg.output(*streams, str(target.path), **options)
    return (*encoding.device, *output.get_args())


def rate_text(rate: Fraction) -> str:
    """A frame rate as FFmpeg reads it."""
    return f"{rate.numerator}/{rate.denominator}"
