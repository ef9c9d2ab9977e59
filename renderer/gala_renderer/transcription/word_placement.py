"""From found spans to the times of written words: in order, within the sound, of sane lengths."""

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
"""Seconds that two good methods are never apart."""


def place(words: Sequence[Word], found: Sequence[Found], seconds: float) -> tuple[Word, ...]:
    """The words at the found times, with their phonemes spread as they were.

    ``words`` tell how long each usually takes; one that would last much longer took something else
    in, music before the first word say, and is cut. Words that were not found (an emoji) share the
    time between their neighbours.
    """
    spans = _filled(_trimmed(words, found), seconds)
    placed, reached = [], 0.0
    for word, (start, end) in zip(words, spans, strict=True):
        begun = min(max(start, reached), seconds)
        reached = min(max(end, begun), seconds)
        placed.append(_moved(word, begun, reached))
    return tuple(placed)


def checked(found: Sequence[Found], other: Sequence[Found]) -> list[Found]:
    """What was found, but for single words that a second method found somewhere else.

    If most words are elsewhere the second method went astray, and counts for nothing.
    """
    apart = [
        abs(one[0] - two[0]) if one is not None and two is not None else 0.0
        for one, two in zip(found, other, strict=True)
    ]
    if not apart or median(apart) > _APART:
        return list(found)
    return [
        two if distance > _APART else one
        for one, two, distance in zip(found, other, apart, strict=True)
    ]


def _trimmed(words: Sequence[Word], found: Sequence[Found]) -> list[Found]:
    pace = _pace(words, found)
    spans: list[Found] = []
    for word, span in zip(words, found, strict=True):
        if span is None:
            spans.append(None)
            continue
        start, end = span
        usual = max(_SHORTEST, word.end - word.start) * pace
        if end - start > usual * _LONGEST + _SLACK:
            # Before the first word there may be anything; later a pause follows the word.
            first = not any(spans)
            start, end = (end - usual, end) if first else (start, start + usual)
        spans.append((start, end))
    return spans


def _pace(words: Sequence[Word], found: Sequence[Found]) -> float:
    """How much longer the words last here than usually: the median."""
    ratios = sorted(
        (span[1] - span[0]) / max(_SHORTEST, word.end - word.start)
        for word, span in zip(words, found, strict=True)
        if span is not None
    )
    return ratios[len(ratios) // 2] if ratios else 1.0


def _filled(found: Sequence[Found], seconds: float) -> list[tuple[float, float]]:
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
    usual = word.end - word.start
    factor = (end - start) / usual if usual > 0 else 1.0
    moved = word.mapped(factor, start - word.start * factor)
    return Word(word.text, start, end, moved.phonemes)
