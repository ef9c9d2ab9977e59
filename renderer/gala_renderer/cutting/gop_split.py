"""Decide which frames of a cut are copied and which are re-encoded. Pure: times only, no bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Sample:
    """One stored frame, in decoding order."""

    shown: int
    """Its display index, counted in frames from the source's time 0."""
    idr: bool
    """True for an IDR frame: no later frame refers to an earlier one."""
    key: bool
    """True if decoding can start at this frame."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Frames ``first`` to ``last`` in display order, re-encoded from ``decode_from`` on."""

    first: int
    last: int
    decode_from: int
    """Index in decoding order."""

    @property
    def frames(self) -> int:
        """The number of frames."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Copied:
    """Frames from ``start`` up to but excluding ``stop`` in decoding order, copied."""

    start: int
    stop: int
    first: int
    """The display index of the first one."""

    @property
    def frames(self) -> int:
        """The number of frames."""
        return self.stop - self.start


CutPart: TypeAlias = Encoded | Copied


def cut_parts(samples: Sequence[Sample], first: int, last: int) -> tuple[CutPart, ...]:
    """Return how to produce the frames ``first`` to ``last`` (inclusive), copying the most.

    Copying starts at an IDR frame and ends where the frames decoded so far are exactly those
    displayed so far, so that every player shows the right number of frames. ``samples`` must hold
    all frames from a key frame at or before ``first`` up to ``last``.
    """
    start = next(
        (at for at, one in enumerate(samples) if one.idr and first <= one.shown <= last), None
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
    """Return the number of frames by which decoding must precede display for these parts."""
    return max((delay for part in parts for delay in _delays(samples, part)), default=0)


def _delays(samples: Sequence[Sample], part: CutPart) -> Iterator[int]:
    if isinstance(part, Copied):
        for at in range(part.start, part.stop):
            yield (at - part.start) - (samples[at].shown - part.first)


def _copy_end(samples: Sequence[Sample], start: int, last: int) -> int:
    """Return the latest index at which copying from ``start`` can end."""
    times = sorted(one.shown for one in samples[start:])
    end, latest = start, -1
    for at in range(start, len(samples)):
        latest = max(latest, bisect_left(times, samples[at].shown))
        if times[latest] <= last and latest == at - start:
            end = at + 1
    return end


def _decode_from(samples: Sequence[Sample], first: int) -> int:
    return max((at for at, one in enumerate(samples) if one.key and one.shown <= first), default=0)
