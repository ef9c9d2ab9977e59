"""Captions that are shown at the same time: each gets a place of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from gala_renderer.captions.overlay_track import Cue
from gala_renderer.captions.segmentation import TimedCaption


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows of the picture that a caption takes, up to a frame."""

    until: int
    top: int
    bottom: int


class Stacking:
    """Finds rows for captions, in the order of their starts, between the rows ``top`` and
    ``bottom`` of the picture."""

    def __init__(self, rate: Fraction, top: int, bottom: int):
        self._rate = rate
        self._top = top
        self._bottom = bottom
        self._shown: list[_Place] = []

    def place(
        self, start: float, end: float, y: int, height: int, *, gap: int, up: bool
    ) -> int | None:
        """Return the row nearest to ``y`` where a caption hides no other; None if there is none.

        ``up`` prefers the place above another caption to the one below it.
        """
        first, until = round(start * self._rate), round(end * self._rate)
        self._shown = [place for place in self._shown if place.until > first]
        free = [
            row
            for row in (y, *self._beside(height, gap))
            if all(row + height <= one.top or row >= one.bottom for one in self._shown)
            and (row == y or self._top <= row <= self._bottom - height)
        ]
        if not free:
            return None
        row = min(free, key=lambda row: (abs(row - y), row > y if up else row < y))
        self._shown.append(_Place(until, row, row + height))
        return row

    def _beside(self, height: int, gap: int) -> Iterator[int]:
        for place in self._shown:
            yield place.top - gap - height
            yield place.bottom + gap


def without_repeats(captions: Sequence[TimedCaption]) -> Iterator[TimedCaption]:
    """Yield the captions sorted by start, without text that is already shown at that time.

    Files with effects have a caption once for its outline and once for its letters.
    """
    ends: dict[tuple[str, ...], float] = {}
    for caption in sorted(captions, key=lambda one: one.start):
        shown_until = ends.get(caption.texts, caption.start)
        if caption.end > shown_until or shown_until == caption.start:
            ends[caption.texts] = caption.end
            yield replace(caption, start=max(caption.start, shown_until))


def simultaneous(
    cues: Sequence[Cue], rate: Fraction, combined: Callable[[tuple[str, ...]], str]
) -> tuple[Cue, ...]:
    """Return cues that follow one another: where several are shown, one with all their pictures.

    ``combined`` returns the name of the picture that shows several at once.
    """
    by_start = sorted(cues, key=lambda cue: cue.start)
    if all(
        round(one.end * rate) <= round(following.start * rate)
        for one, following in pairwise(by_start)
    ):
        return tuple(by_start)
    return tuple(_combined_cues(by_start, rate, combined))


def _combined_cues(
    by_start: Sequence[Cue], rate: Fraction, combined: Callable[[tuple[str, ...]], str]
) -> Iterator[Cue]:
    spans = [(round(cue.start * rate), round(cue.end * rate), cue.picture) for cue in by_start]
    spans = [span for span in spans if span[0] < span[1]]
    frames = sorted({frame for start, end, _ in spans for frame in (start, end)})
    waiting = iter(spans)
    following = next(waiting, None)
    shown: list[tuple[int, int, str]] = []
    for first, last in pairwise(frames):
        shown = [span for span in shown if span[1] > first]
        while following is not None and following[0] <= first:
            shown.append(following)
            following = next(waiting, None)
        names = tuple(name for _, _, name in shown)
        if names:
            picture = names[0] if len(names) == 1 else combined(names)
            yield Cue(float(first / rate), float(last / rate), picture)
