"""Parts of a file: conversion from seconds to whole frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from gala.errors import InvalidRequest
from gala.media import MAX_DURATION_MS
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import Media


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of a file, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Frames:
    """Consecutive frames of a video, ``first`` to ``last`` inclusive, counted from 0."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """The number of frames."""
        return self.last - self.first + 1


def within_limits(seconds: float, field: str) -> None:
    """Raise ``InvalidRequest`` naming the field if a result would exceed the maximum length."""
    if seconds * 1000 > MAX_DURATION_MS:
        hours = MAX_DURATION_MS // 3_600_000
        raise InvalidRequest(
            f"{field}: The result would be longer than {hours} hours.", field=field
        )


def frame_count(media: Media) -> int:
    """Return the number of output frames of a video, from the file's start."""
    picture = media.require_picture("picture")
    rate = rate_of(picture)
    shown = max(1, round(media.length * rate))
    if picture.frames is None or not picture.steady or media.holds_frames:
        return shown
    # More frames may be stored, hidden by an edit list; and the output rate may differ.
    stored = round(picture.frames * rate / (picture.rate or rate))
    return max(1, min(shown, late_frames(media) + stored))


def late_frames(media: Media) -> int:
    """Return the number of output frames before the first stored one, which starts later."""
    picture = media.require_picture("picture")
    return round(Fraction(media.late_picture) * rate_of(picture))


def shown_seconds(media: Media) -> Fraction:
    """Return how long the video is shown: at a constant rate, the sum of its frames."""
    picture = media.require_picture("picture")
    if not picture.steady:
        return Fraction(media.length)
    return frame_count(media) / rate_of(picture)


def single_span(media: Media, start: float, end: float | None, *, field: str) -> Span:
    """Return the span from ``start`` to ``end``, or to the end of the file if that is earlier.

    Raise ``InvalidRequest`` naming ``field`` if ``start`` is past the end of the file.
    """
    length = media.length
    if start >= length:
        raise InvalidRequest(
            f"{field}: {start:g} s is past the end of the file, which is {length:.3f} s long.",
            field=field,
        )
    return Span(start, length if end is None else min(end, length))


def clipped(spans: Iterable[Span], length: float) -> list[Span]:
    """Return the spans limited to the file's length, in their order."""
    return [Span(one.start, min(one.end, length)) for one in spans if one.start < length]


def complement(spans: Iterable[Span], length: float) -> list[Span]:
    """Return the rest of the file without these spans, in the file's order."""
    left, at = [], 0.0
    for one in sorted(spans):
        if one.start > at:
            left.append(Span(at, min(one.start, length)))
        at = max(at, one.end)
    if at < length:
        left.append(Span(at, length))
    return left


def worth_showing(media: Media, spans: Sequence[Span]) -> list[Span]:
    """Return the spans without those that are too short for a frame, unless all are."""
    if media.picture is None:
        return list(spans)
    rate = rate_of(media.picture)
    long = [
        one
        for one in spans
        if _nearest(Fraction(one.start) * rate) < _nearest(Fraction(one.end) * rate)
    ]
    return long or list(spans)


def whole_frames(media: Media, spans: Sequence[Span]) -> list[Frames]:
    """Return the frames of each span: ends rounded to the nearest frames, at least one frame."""
    rate, whole = rate_of(media.require_picture("picture")), frame_count(media)
    found = []
    for span in spans:
        first = min(whole - 1, _nearest(Fraction(span.start) * rate))
        last = min(whole, max(first + 1, _nearest(Fraction(span.end) * rate))) - 1
        found.append(Frames(first, last))
    return found


def _nearest(frame: Fraction) -> int:
    # A half is always rounded up, so that a part keeps its length.
    return floor(frame + Fraction(1, 2))
