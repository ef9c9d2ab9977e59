"""Turn the spans found by an aligner into ordered word times of plausible length."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, TypeAlias

from gala_renderer.speech.words import Word

Found: TypeAlias = tuple[float, float] | None

_SHORTEST: Final = 0.02
_LONGEST: Final = 2.5
_SLACK: Final = 0.3
_APART: Final = 0.15
"""Two correct methods differ by less than this many seconds."""


def place(words: Sequence[Word], found: Sequence[Found], seconds: float) -> tuple[Word, ...]:
    """Return the words at the found times, with phonemes scaled in proportion.

    ``words`` give the usual duration of each. A span that is much longer includes something else,
    such as music before the first word, and is shortened. Words that were not found (an emoji)
    share the time between their neighbours.
    """
    spans = _interpolated(_trimmed(words, found), seconds)
    placed, previous_end = [], 0.0
    for word, (start, end) in zip(words, spans, strict=True):
        begin = min(max(start, previous_end), seconds)
        previous_end = min(max(end, begin), seconds)
        placed.append(_moved(word, begin, previous_end))
    return tuple(placed)


def checked(found: Sequence[Found], other: Sequence[Found]) -> list[Found]:
    """Return ``found``, with outliers replaced by the spans of a second method.

    If the two methods disagree on most words, the second one has failed and is ignored.
    """
    distances = [
        abs(one[0] - two[0]) if one is not None and two is not None else 0.0
        for one, two in zip(found, other, strict=True)
    ]
    if not distances or median(distances) > _APART:
        return list(found)
    return [
        two if distance > _APART else one
        for one, two, distance in zip(found, other, distances, strict=True)
    ]


def _trimmed(words: Sequence[Word], found: Sequence[Found]) -> list[Found]:
    pace = _pace(words, found)
    spans: list[Found] = []
    for word, span in zip(words, found, strict=True):
        if span is None:
            spans.append(None)
            continue
        start, end = span
        usual_seconds = max(_SHORTEST, word.end - word.start) * pace
        if end - start > usual_seconds * _LONGEST + _SLACK:
            # The first word may include sound before it; later words include the pause after them.
            first = not any(spans)
            start, end = (end - usual_seconds, end) if first else (start, start + usual_seconds)
        spans.append((start, end))
    return spans


def _pace(words: Sequence[Word], found: Sequence[Found]) -> float:
    """Return the median ratio of found to usual word durations."""
    ratios = sorted(
        (span[1] - span[0]) / max(_SHORTEST, word.end - word.start)
        for word, span in zip(words, found, strict=True)
        if span is not None
    )
    return ratios[len(ratios) // 2] if ratios else 1.0


def _interpolated(found: Sequence[Found], seconds: float) -> list[tuple[float, float]]:
    known = [index for index, span in enumerate(found) if span is not None]
    spans = [span or (0.0, 0.0) for span in found]
    for before, after in pairwise([-1, *known, len(found)]):
        missing = after - before - 1
        if not missing:
            continue
        start = spans[before][1] if before >= 0 else 0.0
        end = max(start, spans[after][0] if after < len(found) else seconds)
        share = (end - start) / missing
        for step in range(missing):
            spans[before + 1 + step] = (start + step * share, start + (step + 1) * share)
    return spans


def _moved(word: Word, start: float, end: float) -> Word:
    usual_seconds = word.end - word.start
    factor = (end - start) / usual_seconds if usual_seconds > 0 else 1.0
    moved = word.mapped(factor, start - word.start * factor)
    return Word(word.text, start, end, moved.phonemes)
