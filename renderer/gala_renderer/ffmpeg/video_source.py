"""Videos as sources of a graph, and the MP4 output.

Pictures are rotated upright and converted to SDR at a constant frame rate, sound to 48 kHz stereo.
Both start at 0, in sync as a player would show them: on the file's clock, whichever stream starts
first. A first frame that comes late, and a last one that the sound outlasts, are held. Sound that
ends before the picture goes on in silence, because some players and joins misbehave otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
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
from gala_renderer.probe.media import TOLERANCE, Media, VideoStream

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

    Above 60 frames per second, that of the first one. A video of one frame has no rate of its own.
    """
    moving = [rate_of(clip.picture) for clip in clips if clip.picture and _moves(clip.picture)]
    if not moving:
        return rate_of(clips[0].require_picture("clips"))
    return max(moving[0], min(_HIGHEST_COMMON, max(moving)))


def _moves(picture: VideoStream) -> bool:
    return not picture.still and picture.frames != 1


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
    **options: Any,
) -> Stream:
    """Return its frames, upright, in SDR, at ``rate``, to the end of the file.

    ``loop_for`` repeats it until that many seconds are filled; ``factor`` is its speed; what is
    transparent shows ``background``. ``options`` are FFmpeg's for the input.
    """
    picture = media.require_picture("picture")
    source = video_of(media, media_input(media, loop_for, **options))
    if factor != 1.0:
        source = source.filter("setpts", f"PTS/{factor:.6f}")
    held = loop_for is None and media.holds_frames
    shown = at_rate(with_end(source, rate) if held else source, rate)
    normalised = normalise_colour(shown, picture, background=background)
    return _held(normalised, media.length / factor) if held else normalised


def held(stream: Stream, media: Media) -> Stream:
    """Hold the last frame if the file's sound goes on; consumers cut it at the file's end."""
    return _held(stream, media.length) if media.holds_frames else stream


def _held(stream: Stream, seconds: float) -> Stream:
    return stream.filter("tpad", stop_duration=seconds_text(seconds), stop_mode="clone")


def with_end(stream: Stream, rate: Fraction) -> Stream:
    """Show the last frame a little longer, before :func:`at_rate`, which could drop it.

    FFmpeg's ``fps`` drops a last frame that is shown for less than half an output frame.
    """
    return _held(stream, float(2 / rate))


def at_rate(stream: Stream, rate: Fraction, *, start: Fraction = Fraction(0)) -> Stream:
    """Convert to a constant frame rate from ``start`` on; a late start shows the first frame."""
    return stream.filter("fps", rate_text(rate), start_time=seconds_text(float(start)))


def sound(media: Media) -> Stream | None:
    """Return its sound in 48 kHz stereo, to the end of the file; ``None`` if it has none."""
    if media.sound is None:
        return None
    heard = sounds.stereo(audio_of(media, media_input(media)), media.sound)
    return sounds.lasting(heard, media.length)


def own_sound(media: Media, copyable: Collection[str]) -> tuple[Stream | None, bool]:
    """Return its sound, and True if that is to be copied.

    It is, if its codec is one of those ``copyable`` and it lasts until the end of the file.
    """
    ends_early = media.length - media.sound_end > TOLERANCE
    if media.sound is None or media.sound.codec not in copyable or ends_early:
        return sound(media), False
    return audio_of(media, media_input(media)), True


def media_input(media: Media, loop_for: float | None = None, **options: Any) -> Stream:
    """Return the file as an input; FFmpeg reads equal inputs of one graph once."""
    if loop_for is None:
        return user_input(media, **options)
    return looped_input(media, loop_for, **options)


def mp4_output(
    pictures: Stream,
    audio: Stream | None,
    target: Target,
    *,
    seconds: float,
    copied: bool = False,
    language: str | None = None,
    beside: Sequence[Stream] = (),
) -> tuple[str, ...]:
    """Return arguments that write an MP4 of ``seconds``.

    ``audio`` is encoded, or copied unchanged if ``copied``; ``language`` is its language.
    ``beside`` are other outputs of the same run.
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
        options |= in_language(language)
    output = ffmpeg.output(*streams, str(target.path), **options)
    written = ffmpeg.merge_outputs(output, *beside) if beside else output
    return (*encoding.device, *written.get_args())


def in_language(language: str | None) -> dict[str, str]:
    """Return the output options that give the sound a language; none if it is not known."""
    return {"metadata:s:a:0": f"language={language}"} if language else {}


def language_of(*files: Media) -> str | None:
    """Return the language of the files' sound, if they give it and agree."""
    languages = {file.sound.language for file in files if file.sound}
    return languages.pop() if len(languages) == 1 else None


def rate_text(rate: Fraction) -> str:
    """Format a frame rate for FFmpeg."""
    return f"{rate.numerator}/{rate.denominator}"
