"""Parts of videos as sources of a graph: exact at any start, for any file.

FFmpeg drops the frame that began before the time that it seeks to, although it is still shown then.
So files are read from an earlier time on, and what is not wanted is dropped here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from gala_renderer.ffmpeg.inputs import Stream, seconds_text, user_input, video_of
from gala_renderer.ffmpeg.video_source import at_rate, with_end
from gala_renderer.probe.media import Media


@dataclass(frozen=True, slots=True)
class Seek:
    """Where to start reading so that the frame shown at a time is among those that are read."""

    seconds: Fraction
    """Time of the file to seek to."""
    skipped: int
    """Output frames before the one that is wanted."""
    offset: Fraction
    """Seconds from there to the first output frame; less than one frame."""


def seek_before(media: Media, start: Fraction, rate: Fraction) -> Seek:
    """Return where to start reading for the frame that is shown at ``start`` seconds.

    It may have begun much earlier. After a seek, FFmpeg also drops as much sound as an edit list
    hides before the start of the file, and in Matroska all sound before the first picture.
    """
    picture, lead_in = media.picture, Fraction(media.sound.lead_in if media.sound else 0.0)
    if picture is None or start <= 0:
        return Seek(_in_milliseconds(max(Fraction(0), start - lead_in)), 0, Fraction(0))
    lasts = Fraction(picture.longest_frame or 0) or 1 / (picture.rate or rate)
    lasts = max(lasts, lead_in) + picture.refresh_frames / (picture.rate or rate)
    shown = max(Fraction(0), min(start, Fraction(media.picture_end) - 1 / (2 * rate)))
    skipped = ceil((start - shown + lasts) * rate) + 1
    if start - skipped / rate < media.late_picture:
        skipped = floor(start * rate)
        return Seek(Fraction(0), skipped, start - skipped / rate)
    seek = _in_milliseconds(start - skipped / rate)
    return Seek(seek, skipped, start - skipped / rate - seek)


def _in_milliseconds(seconds: Fraction) -> Fraction:
    # WebM has no finer time stamps, and rounding them moves the sound.
    return Fraction(floor(seconds * 1000), 1000)


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

    Time stamps start at 0, colours are those of the file. ``extra`` and ``options`` are those of
    :func:`part_input`.
    """
    begin = Fraction(start)
    seek = seek_before(media, begin, rate)
    source = part_input(media, begin, frames / rate, rate, extra=extra, **options)
    shown = at_rate(with_end(video_of(media, source), rate), rate, start=seek.offset)
    # The picture may end before the sound, and a file may be shorter than declared.
    whole = shown.filter("tpad", stop=-1, stop_mode="clone")
    part = whole.trim(start_frame=seek.skipped, end_frame=seek.skipped + frames)
    return part.filter("setpts", "PTS-STARTPTS")


def part_input(
    media: Media,
    start: Fraction,
    seconds: Fraction,
    rate: Fraction,
    *,
    extra: float = 1.0,
    **options: Any,
) -> Stream:
    """Open a file from :func:`seek_before` on, for ``seconds`` from ``start`` on, and ``extra``.

    ``options`` are FFmpeg's for the input. FFmpeg reads equal inputs of a graph once.
    """
    seek = seek_before(media, start, rate).seconds
    options["t"] = seconds_text(float(start - seek + seconds) + extra)
    if seek:
        options["ss"] = seconds_text(float(seek))
    return user_input(media, **options)
