"""Which parts of a file are wanted: from seconds to whole frames. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gala.errors import InvalidRequest
from gala.media import MAX_DURATION_MS
from gala_renderer.ffmpeg.video_source import rate_of
from gala_renderer.probe.media import Media, VideoStream


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of a file, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Frames:
    """Consecutive frames of a video, counted from its first one, both included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


def length_of(media: Media) -> float:
    """How long the file is, in seconds: its pictures if it has some, else its sound."""
    track = media.picture or media.sound
    return (track.seconds if track else None) or media.seconds or 0.0


def within_limits(seconds: float, field: str) -> None:
    """Raise ``InvalidRequest`` naming the field if a result would be longer than we make."""
    if seconds * 1000 > MAX_DURATION_MS:
        hours = MAX_DURATION_MS // 3_600_000
        raise InvalidRequest(
            f"{field}: the result would be longer than {hours} hours.", field=field
        )


def frame_count(picture: VideoStream, length: float) -> int:
    """How many frames we make of a video that is ``length`` seconds long."""
    rate = rate_of(picture)
    shown = max(1, round(length * rate))
    if picture.frames is None:
        return shown
    # What is stored may be more, hidden by an edit list. Its own rate may be one we do not make.
    return max(1, min(shown, round(picture.frames * rate / (picture.rate or rate))))


def shown_seconds(media: Media) -> Fraction:
    """How long its pictures are shown: as long as its frames, where they are steady."""
    picture, length = media.require_picture("picture"), length_of(media)
    return frame_count(picture, length) / rate_of(picture) if picture.steady else Fraction(length)


def single_span(media: Media, start: float, end: float | None, *, field: str) -> Span:
    """From ``start`` to ``end``, at most to the file's end; ``field`` is named if it is too late.

    Raises ``InvalidRequest``.
    """
    length = length_of(media)
    if start >= length:
        raise InvalidRequest(
            f"{field}: {start:g} s is past the end of the file, which is {length:.3f} s long.",
            field=field,
        )
    return Span(start, length if end is None else min(end, length))


def clipped(spans: Iterable[Span], length: float) -> list[Span]:
    """Those parts of the spans that the file has, in their order."""
    return [Span(one.start, min(one.end, length)) for one in spans if one.start < length]


def complement(spans: Iterable[Span], length: float) -> list[Span]:
    """What is left of the file without them, in the file's order."""
    left, at = [], 0.0
    for one in sorted(spans):
        if one.start > at:
            left.append(Span(at, min(one.start, length)))
        at = max(at, one.end)
    if at < length:
        left.append(Span(at, length))
    return left


def whole_frames(picture: VideoStream, spans: Sequence[Span], length: float) -> list[Frames]:
    """The frames of each span: its ends are moved to the nearest frames, one frame at least."""
    rate, whole = rate_of(picture), frame_count(picture, length)
    found = []
    for span in spans:
        first = min(whole - 1, round(Fraction(span.start) * rate))
        last = min(whole, max(first + 1, round(Fraction(span.end) * rate))) - 1
        found.append(Frames(first, last))
    return found
