"""Videos as sources of a graph, and the MP4 output.

Pictures are rotated upright and converted to SDR at a constant frame rate, sound to 48 kHz stereo.
Both start at 0, in sync as a player would show them: on the file's clock, whichever stream starts
first. A first frame that comes late, and a last one that the sound outlasts, are held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
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
from gala_renderer.ffmpeg.inputs import (
    Stream,
    audio_of,
    looped_input,
    seconds_text,
    user_input,
    video_of,
)
from gala_renderer.probe.media import Media, VideoStream

Size: TypeAlias = tuple[int, int]

_MAX_SIDE: Final = 4096
_HIGHEST_COMMON: Final = Fraction(60)
_LOWEST_VARIABLE: Final = 23
"""Frames per second at least for video with a variable rate: at most 22 ms early or late."""


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
    if picture.still or not media.length:
        raise UnprocessableMedia(
            f"{file.field}: this file is a single picture, not a video.",
            hint="Choose a video.",
            field=file.field,
        )
    return media


def rate_of(picture: VideoStream) -> Fraction:
    """Return its frame rate within the range that GALA writes; the usual rate if unknown.

    A variable rate becomes constant at a multiple of the nominal rate, high enough that no frame is
    shown noticeably early or late.
    """
    known = picture.rate or (Fraction(picture.fps).limit_denominator(1001) if picture.fps else None)
    if known is None or known <= 0 or picture.frames == 1:
        return Fraction(USUAL_FPS)
    if not picture.steady:
        known *= max(1, ceil(_LOWEST_VARIABLE / known))
    return min(Fraction(MAX_FPS), max(Fraction(1), known.limit_denominator(1001)))


def common_rate(clips: Sequence[Media]) -> Fraction:
    """Return the rate for a film of these clips: the highest of those that move.

    Above 60 frames per second, that of the first one.
    """
    moving = [rate_of(clip.picture) for clip in clips if clip.picture and not clip.picture.still]
    if not moving:
        return rate_of(clips[0].require_picture("clips"))
    return max(moving[0], min(_HIGHEST_COMMON, max(moving)))


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


def pictures(
    media: Media,
    rate: Fraction,
    *,
    loop_for: float | None = None,
    factor: float = 1.0,
    background: str = "#000000",
) -> Stream:
    """Return its frames, upright, in SDR, at ``rate``, to the end of the file.

    ``loop_for`` repeats it until that many seconds are filled; ``factor`` is its speed; what is
    transparent shows ``background``.
    """
    picture = media.require_picture("picture")
    source = video_of(media, media_input(media, loop_for))
    if factor != 1.0:
        source = source.filter("setpts", f"PTS/{factor:.6f}")
    shown = normalise_colour(at_rate(source, rate), picture, background=background)
    return shown if loop_for is not None else held(shown, media, factor=factor)


def held(stream: Stream, media: Media, *, factor: float = 1.0) -> Stream:
    """Hold the last frame if the file's sound goes on; consumers cut it at the file's end."""
    if not media.holds_frames:
        return stream
    longest = seconds_text(media.length / factor)
    return stream.filter("tpad", stop_duration=longest, stop_mode="clone")


def pictures_from(
    media: Media,
    start: float | Fraction,
    frames: int,
    rate: Fraction,
    *,
    extra: float = 1.0,
    **options: Any,
) -> Stream:
    """Return ``frames`` frames at ``rate``, from the one that is shown at ``start`` seconds on.

    Time stamps start at 0, colours are those of the file. ``extra`` is how many seconds more are
    read, ``options`` are FFmpeg's for the input; FFmpeg reads equal inputs of a graph once.
    """
    picture, begin = media.require_picture("picture"), Fraction(start)
    if picture.steady and begin < media.picture_end:
        seek, offset, skipped = begin - seek_margin(media, begin), Fraction(0), 0
    else:
        # The frame that is shown then may have begun much earlier.
        shown = max(Fraction(0), min(begin, Fraction(media.picture_end) - 1 / (2 * rate)))
        skipped = ceil(Fraction(picture.longest_frame or 0) * rate) + 1
        skipped = min(skipped, floor(shown * rate))
        seek, offset = shown - skipped / rate, Fraction(0)
        if seek < 1 / rate:
            seek, offset = Fraction(0), seek
    options["t"] = seconds_text(float(offset + (skipped + frames) / rate) + extra)
    if seek:
        options["ss"] = seconds_text(float(seek))
    steady = at_rate(video_of(media, user_input(media, **options)), rate, start=offset)
    # A file may also be shorter than declared.
    held = steady.filter("tpad", stop=-1, stop_mode="clone")
    return held.trim(start_frame=skipped, end_frame=skipped + frames).filter(
        "setpts", "PTS-STARTPTS"
    )


def seek_margin(media: Media, start: Fraction) -> Fraction:
    """Return how much before ``start`` to begin: a quarter of a frame, in seconds.

    Rounding then neither loses a frame nor shows the one before.
    """
    picture = media.picture
    if start <= 0 or picture is None or not picture.rate:
        return Fraction(0)
    return min(start, 1 / (4 * picture.rate))


def at_rate(stream: Stream, rate: Fraction, *, start: Fraction = Fraction(0)) -> Stream:
    """Convert to a constant frame rate from ``start`` on; a late start shows the first frame."""
    return stream.filter("fps", rate_text(rate), start_time=seconds_text(float(start)))


def sound(media: Media, *, loop_for: float | None = None) -> Stream | None:
    """Return its sound in 48 kHz stereo; ``None`` if it has none."""
    if media.sound is None:
        return None
    return sounds.stereo(audio_of(media, media_input(media, loop_for)), media.sound)


def media_input(media: Media, loop_for: float | None = None) -> Stream:
    """Return the file as an input; FFmpeg reads equal inputs of one graph once."""
    return user_input(media) if loop_for is None else looped_input(media, loop_for)


def mp4_output(
    pictures: Stream,
    audio: Stream | None,
    target: Target,
    *,
    seconds: float,
    copied: bool = False,
    beside: Sequence[Stream] = (),
) -> tuple[str, ...]:
    """Return arguments that write an MP4 of ``seconds``.

    ``audio`` is encoded, or copied unchanged if ``copied``; ``beside`` are other outputs of the
    same run.
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
    written = ffmpeg.merge_outputs(output, *beside) if beside else output
    return (*encoding.device, *written.get_args())


def rate_text(rate: Fraction) -> str:
    """Format a frame rate for FFmpeg."""
    return f"{rate.numerator}/{rate.denominator}"
