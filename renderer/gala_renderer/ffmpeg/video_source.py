"""Videos as sources of a graph, and the MP4 output.

Pictures are rotated upright and converted to SDR at a constant frame rate, sound to 48 kHz stereo.
Both start at 0, in sync as a player would show them.
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

_MAX_SIDE: Final = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """An output video: its path, encoding, frame rate and the threads for the encoder."""

    path: Path
    encoding: VideoEncoding
    rate: Fraction
    threads: int


async def inspect_video(context: RenderContext, file: InputFile) -> Media:
    """Inspect a staged video; raise ``UnprocessableMedia`` naming its field if it is none."""
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
    """Return the duration of its video stream in seconds; 0 if it is unknown."""
    picture = media.picture
    if picture is None or picture.seconds is None:
        return media.seconds or 0.0
    return picture.seconds


def rate_of(picture: VideoStream) -> Fraction:
    """Return its frame rate within the range that GALA writes; the usual rate if unknown."""
    known = picture.rate or (Fraction(picture.fps).limit_denominator(1001) if picture.fps else None)
    if known is None or known <= 0:
        return Fraction(USUAL_FPS)
    return min(Fraction(MAX_FPS), max(Fraction(1), known.limit_denominator(1001)))


def even_size(picture: VideoStream) -> Size:
    """Return its size as shown, with even sides, scaled down if larger than GALA writes."""
    width, height = float(picture.width), float(picture.height)
    if picture.sample_aspect > 0:
        width *= float(picture.sample_aspect)
    shrink = min(1.0, _MAX_SIDE / width, _MAX_SIDE / height)
    return even(width * shrink), even(height * shrink)


def even(value: float) -> int:
    """Round to an even number of pixels, 2 at least."""
    return max(2, 2 * round(value / 2))


def pictures(media: Media, rate: Fraction | None, *, loop_for: float | None = None) -> Stream:
    """Return its frames, upright, in SDR, at ``rate`` (with its own time stamps if ``None``).

    ``loop_for`` repeats it until that many seconds are filled.
    """
    picture = media.require_picture("picture")
    source = media_input(media, loop_for).video
    steady = source if rate is None else at_rate(source, rate)
    return normalise_colour(steady, picture, alpha=picture.alpha)


def at_rate(stream: Stream, rate: Fraction) -> Stream:
    """Convert to a constant frame rate from 0 on; a late start shows the first frame."""
    return stream.filter("fps", rate_text(rate), start_time=0)


def sound(media: Media, *, loop_for: float | None = None) -> Stream | None:
    """Return its sound in 48 kHz stereo; ``None`` if it has none."""
    if media.sound is None:
        return None
    return sounds.stereo(media_input(media, loop_for).audio, media.sound)


def media_input(media: Media, loop_for: float | None = None) -> Stream:
    """Return the file as an input; FFmpeg reads equal inputs of one graph once."""
    return user_input(media) if loop_for is None else looped_input(media, loop_for)


def mp4_output(
    pictures: Stream, audio: Stream | None, target: Target, *, seconds: float, copied: bool = False
) -> tuple[str, ...]:
    """Return arguments that write an MP4 of ``seconds``.

    ``audio`` is encoded, or copied unchanged if ``copied``.
    """
    encoding = target.encoding
    streams = [uploaded(pictures, encoding)]
    options: dict[str, Any] = {
        **MP4,
        **h264(encoding, fps=float(target.rate), threads=target.threads),
        "r": rate_text(target.rate),
        "t": seconds_text(seconds),
        **REPRODUCIBLE,
    }
    if audio is not None:
        streams.append(audio)
        options |= {"c:a": "copy"} if copied else AAC
    output = ffmpeg.output(*streams, str(target.path), **options)
    return (*encoding.device, *output.get_args())


def rate_text(rate: Fraction) -> str:
    """Format a frame rate for FFmpeg."""
    return f"{rate.numerator}/{rate.denominator}"
