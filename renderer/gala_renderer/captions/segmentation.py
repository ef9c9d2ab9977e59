"""Group timed words into captions and lines, with start and end times.

Pure, and the same for every language: spacing and character widths follow from the script. Words
keep their logical order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from gala_renderer.captions.writing_systems import (
    ends_clause,
    ends_sentence,
    joined,
    pieces,
    spaced,
    width,
)
from gala_renderer.speech.words import Word
from gala_renderer.text_layout.line_break import leading

CLOSED_GAP: Final = 0.3
"""Gaps between captions shorter than this many seconds are closed, to avoid flicker."""

_COST_WITHIN_CLAUSE: Final = 0.05
_COST_AFTER_LEADING_WORD: Final = 0.05
_COST_OF_ORPHAN: Final = 0.5
_LINE_AFTER_CLAUSE: Final = -0.10
_LINE_AFTER_LEADING_WORD: Final = 0.15
"""Costs of line breaks, as a share of the square of a line's length."""
_MIN_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class TimedCaption:
    """Lines of words, shown from ``start`` to ``end`` in seconds."""

    start: float
    end: float
    lines: tuple[tuple[Word, ...], ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, in order."""
        return tuple(word for line in self.lines for word in line)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each line."""
        return tuple(joined([word.text for word in line]).rstrip() for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationRules:
    """Limits for grouping words.

    A word longer than ``max_chars`` gets a line of its own, so that 1 shows one word at a time.
    Wide characters (Chinese, Japanese, Korean) count as two.
    """

    max_chars: int = 20
    """Per line."""
    max_lines: int = 2
    max_words: int | None = None
    """Per caption."""
    pause_seconds: float = 0.6
    """A silence of at least this length ends a caption."""
    min_seconds: float = 0.8
    """The minimum display time of a caption, unless the next one starts earlier."""


def captions(words: Sequence[Word], rules: SegmentationRules) -> tuple[TimedCaption, ...]:
    """Group words into captions by ``rules``, without overlaps; each starts with its first word.

    Captions end at the end of a sentence, at a pause, or when full. Of all possible groupings the
    most even one is returned.
    """
    split = [piece for word in in_order(words) for piece in _split_long(word, rules)]
    grouped = [
        TimedCaption(group[0].start, group[-1].end, _lines(group, rules.max_chars))
        for stretch in _stretches(split, rules.pause_seconds)
        for group in _groups(stretch, rules)
    ]
    return tuple(_smoothed(grouped, rules.min_seconds))


def in_order(words: Sequence[Word]) -> list[Word]:
    """Return the words with consecutive, non-overlapping times, whatever times they had.

    Starts never decrease. Words with the same start share the time until the next start. A word
    ends at the latest when the next one starts.
    """
    ordered: list[Word] = []
    for word in words:
        start = max(word.start, ordered[-1].start if ordered else 0.0)
        ordered.append(replace(word, start=start, end=max(start, word.end)))
    at = 0
    while at < len(ordered):
        following_index = next(
            (
                n
                for n in range(at + 1, len(ordered))
                if ordered[n].start - ordered[at].start > _MIN_SECONDS
            ),
            len(ordered),
        )
        _share_time(ordered, at, following_index)
        at = following_index
    return [
        replace(word, end=min(word.end, following.start)) for word, following in pairwise(ordered)
    ] + ordered[-1:]


def _share_time(words: list[Word], first: int, following_index: int) -> None:
    if following_index - first < 2:
        return
    start = words[first].start
    end = max(words[at].end for at in range(first, following_index))
    if following_index < len(words):
        end = min(
            max(end, start + _MIN_SECONDS * (following_index - first)), words[following_index].start
        )
    step = (end - start) / (following_index - first)
    for number, at in enumerate(range(first, following_index)):
        words[at] = replace(words[at], start=start + number * step, end=start + (number + 1) * step)


def _split_long(word: Word, rules: SegmentationRules) -> list[Word]:
    """Split a word too long for a line, if its script has no spaces."""
    if rules.max_chars < 2 or width(word.text) <= rules.max_chars:
        return [word]
    return spread(pieces(word.text, rules.max_chars), word.start, word.end)


def spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    """Return words that share the time from ``start`` to ``end`` in proportion to their width."""
    total = sum(max(1, width(text)) for text in texts)
    words = []
    at = 0
    for text in texts:
        end_at = at + max(1, width(text))
        seconds = end - start
        words.append(Word(text, start + seconds * at / total, start + seconds * end_at / total))
        at = end_at
    return words


def _stretches(words: Sequence[Word], pause_seconds: float) -> Iterator[list[Word]]:
    """Yield groups of words between pauses and sentence ends."""
    stretch: list[Word] = []
    for word in words:
        if stretch and (
            word.start - stretch[-1].end >= pause_seconds or ends_sentence(stretch[-1].text)
        ):
            yield stretch
            stretch = []
        stretch.append(word)
    if stretch:
        yield stretch


class _Columns:
    """The widths of stretches of words, counted once: the sum of the words and their spaces."""

    def __init__(self, words: Sequence[Word]):
        self._starts: list[int] = []
        self._ends = [0]
        before: str | None = None
        for word in words:
            space = before is not None and spaced(before, word.text)
            self._starts.append(self._ends[-1] + space)
            self._ends.append(self._starts[-1] + width(word.text))
            before = word.text

    def width(self, start: int, end: int) -> int:
        """Return the width of the words from ``start`` up to ``end``, which are some."""
        return self._ends[end] - self._starts[start]

    def are_lines(self, start: int, end: int, rules: SegmentationRules) -> bool:
        """Return True if the words fit in the lines of a caption; a long one has its own."""
        for _ in range(rules.max_lines):
            beyond = bisect_right(self._ends, self._starts[start] + rules.max_chars) - 1
            start = max(start + 1, beyond)
            if start >= end:
                return True
        return False


def _groups(words: Sequence[Word], rules: SegmentationRules) -> list[Sequence[Word]]:
    """Return as few groups as possible, and the most even ones of those.

    Dynamic programming over the words.
    """
    capacity = rules.max_chars * rules.max_lines
    columns = _Columns(words)
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(words) + 1):
        within_clause = end < len(words) and not ends_clause(words[end - 1].text)
        leads = leading(words[end - 1].text)
        options = []
        for start in range(end - 1, -1, -1):
            if end - start > 1 and not _fits(columns, start, end, rules):
                break
            count, cost, _ = best[start]
            cost += (1 - min(1.0, columns.width(start, end) / capacity)) ** 2
            if within_clause:
                cost += _COST_WITHIN_CLAUSE
                cost += _COST_AFTER_LEADING_WORD * leads
            if end - start == 1 and len(words) > 1:
                cost += _COST_OF_ORPHAN
            options.append((count + 1, cost, start))
        best.append(min(options))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    return [words[start:end] for start, end in pairwise(reversed(cuts))]


def _fits(columns: _Columns, start: int, end: int, rules: SegmentationRules) -> bool:
    if rules.max_words is not None and end - start > rules.max_words:
        return False
    return columns.are_lines(start, end, rules)


def _lines(words: Sequence[Word], max_chars: int) -> tuple[tuple[Word, ...], ...]:
    """Return as few lines as possible, as equal in length as possible.

    They rather end with a clause than a little more evenly, and rather not with a word that leads
    to the next one.
    """
    columns = _Columns(words)
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(words) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            length = columns.width(start, end)
            if end - start > 1 and length > max_chars:
                break
            count, cost, _ = best[start]
            options.append((count + 1, cost + length**2, start))
        fewest, cost, start = min(options)
        if end < len(words):
            cost += _line_break_cost(words[end - 1].text) * max_chars**2
        best.append((fewest, cost, start))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    return tuple(tuple(words[start:end]) for start, end in pairwise(reversed(cuts)))


def _line_break_cost(last: str) -> float:
    if ends_clause(last):
        return _LINE_AFTER_CLAUSE
    return _LINE_AFTER_LEADING_WORD * leading(last)


def _smoothed(grouped: Sequence[TimedCaption], min_seconds: float) -> Iterator[TimedCaption]:
    """Extend captions to ``min_seconds`` and close short gaps; starts are unchanged."""
    for at, caption in enumerate(grouped):
        end = max(caption.end, caption.start + min_seconds)
        if at + 1 < len(grouped):
            following = grouped[at + 1].start
            end = following if following - end < CLOSED_GAP else end
        yield replace(caption, end=end)
