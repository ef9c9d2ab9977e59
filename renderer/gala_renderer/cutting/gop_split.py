"""Which frames of a cut are copied and which are encoded anew. Pure: it sees times, no bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Sample:
    """One stored frame, in the order of decoding. Its time is the frame's number when shown."""

    shown: int
    """Its place in the source when shown, counted in frames from the source's time 0."""
    fresh: bool
    """Whether the decoder starts afresh at it (IDR): nothing after it needs anything before it."""
    key: bool
    """Whether decoding can start at it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Frames ``first`` to ``last`` as shown, encoded anew; decoding starts at ``decode_from``."""

    first: int
    last: int
    decode_from: int
    """Place in the order of decoding."""

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Copied:
    """Frames stored at ``start`` up to before ``stop`` in the order of decoding, as they are."""

    start: int
    stop: int
    first: int
    """The first of them when shown."""

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.stop - self.start


CutPart: TypeAlias = Encoded | Copied


def cut_parts(samples: Sequence[Sample], first: int, last: int) -> tuple[CutPart, ...]:
    """How to make the frames ``first`` to ``last``, both included, copying as many as possible.

    Copying starts at a fresh frame and ends where all frames that were decoded are also all that
    are shown up to there, so that no player sees one too many or one too few. ``samples`` must
    hold all frames from a key frame at or before ``first`` up to ``last``.
    """
    start = next(
        (at for at, one in enumerate(samples) if one.fresh and first <= one.shown <= last), None
    )
    if start is None:
        return (Encoded(first, last, _decode_from(samples, first)),)
    stop = _copy_end(samples, start, last)
    if stop == start:
        return (Encoded(first, last, _decode_from(samples, first)),)
    copied = Copied(start, stop, samples[start].shown)
    found: list[CutPart] = [copied]
    if copied.first > first:
        found.insert(0, Encoded(first, copied.first - 1, _decode_from(samples, first)))
    after = copied.first + copied.frames
    if after <= last:
        found.append(Encoded(after, last, _decode_from(samples, after)))
    return tuple(found)


def reordering(samples: Sequence[Sample], parts: Sequence[CutPart]) -> int:
    """How many frames decoding must be ahead of showing, for these cut_parts."""
    return max((delay for part in parts for delay in _delays(samples, part)), default=0)


def _delays(samples: Sequence[Sample], part: CutPart) -> Iterator[int]:
    if isinstance(part, Copied):
        for at in range(part.start, part.stop):
            yield (at - part.start) - (samples[at].shown - part.first)


def _copy_end(samples: Sequence[Sample], start: int, last: int) -> int:
    """Where copying from ``start`` must end, the latest place."""
    times = sorted(one.shown for one in samples[start:])
    end, latest = start, -1
    for at in range(start, len(samples)):
        latest = max(latest, bisect_left(times, samples[at].shown))
        if times[latest] <= last and latest == at - start:
            end = at + 1
    return end


def _decode_from(samples: Sequence[Sample], first: int) -> int:
    return max((at for at, one in enumerate(samples) if one.key and one.shown <= first), default=0)
