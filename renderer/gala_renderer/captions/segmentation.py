"""From timed words to captions: which words are shown together, on which line, from when to when.

Pure, and the same for every language: whether a space stands between two words, and how wide a
character is, is told by the script that they are written in. Words keep their logical order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from gala_renderer.captions.writing_systems import ends_clause, ends_sentence, joined, pieces, width
from gala_renderer.speech.words import Word

CLOSED_GAP: Final = 0.3
"""Seconds between two captions that are not left empty: it would flicker."""

_PRICE_WITHIN_CLAUSE: Final = 0.05
_PRICE_OF_ORPHAN: Final = 0.5
_BRIEFEST: Final = 0.02


@dataclass(frozen=True, slots=True)
class TimedCaption:
    """What is shown from ``start`` to ``end`` (seconds): lines of words."""

    start: float
    end: float
    lines: tuple[tuple[Word, ...], ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """All of its words, in order."""
        return tuple(word for line in self.lines for word in line)

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each line."""
        return tuple(joined([word.text for word in line]) for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationRules:
    """How words are gathered.

    A word longer than ``max_chars`` has a line for itself, so that 1 shows one word at a time.
    Wide characters (Chinese, Japanese, Korean) count as two.
    """

    max_chars: int = 20
    """Per line."""
    max_lines: int = 2
    max_words: int | None = None
    """Per caption."""
    pause_seconds: float = 0.6
    """A silence as long as this ends a caption."""
    min_seconds: float = 0.8
    """How long a caption stays, unless the next one comes before."""


def captions(words: Sequence[Word], rules: SegmentationRules) -> tuple[TimedCaption, ...]:
    """Words as captions, by ``rules``: never overlapping, each from the start of its first word.

    They end with a sentence, at a pause, or when they are full; among the ways to cut them, the
    one with lines of about equal length is taken.
    """
    spoken = [piece for word in in_order(words) for piece in _short(word, rules)]
    made = [
        TimedCaption(group[0].start, group[-1].end, _lines(group, rules.max_chars))
        for stretch in _stretches(spoken, rules.pause_seconds)
        for group in _groups(stretch, rules)
    ]
    return tuple(_steady(made, rules.min_seconds))


def in_order(words: Sequence[Word]) -> list[Word]:
    """Words that one after another have a time of their own, however they came.

    Starts never go back; words that share a start share the time until the next; a word ends when
    the next begins at the latest.
    """
    moved: list[Word] = []
    for word in words:
        start = max(word.start, moved[-1].start if moved else 0.0)
        moved.append(replace(word, start=start, end=max(start, word.end)))
    at = 0
    while at < len(moved):
        after = next(
            (n for n in range(at + 1, len(moved)) if moved[n].start - moved[at].start > _BRIEFEST),
            len(moved),
        )
        _share(moved, at, after)
        at = after
    return [
        replace(word, end=min(word.end, following.start)) for word, following in pairwise(moved)
    ] + moved[-1:]


def _share(words: list[Word], first: int, after: int) -> None:
    if after - first < 2:
        return
    start = words[first].start
    end = max(words[at].end for at in range(first, after))
    if after < len(words):
        end = min(max(end, start + _BRIEFEST * (after - first)), words[after].start)
    step = (end - start) / (after - first)
    for number, at in enumerate(range(first, after)):
        words[at] = replace(words[at], start=start + number * step, end=start + (number + 1) * step)


def _short(word: Word, rules: SegmentationRules) -> list[Word]:
    """A word of a script without spaces that is too long for a line, as several."""
    if rules.max_chars < 2 or width(word.text) <= rules.max_chars:
        return [word]
    return spread(pieces(word.text, rules.max_chars), word.start, word.end)


def spread(texts: Sequence[str], start: float, end: float) -> list[Word]:
    """Words that share the time from ``start`` to ``end`` by their length."""
    total = sum(max(1, width(text)) for text in texts)
    words = []
    at = 0
    for text in texts:
        until = at + max(1, width(text))
        whole = end - start
        words.append(Word(text, start + whole * at / total, start + whole * until / total))
        at = until
    return words


def _stretches(words: Sequence[Word], pause_seconds: float) -> Iterator[list[Word]]:
    """Words that belong together: between pauses and sentence ends."""
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


def _groups(words: Sequence[Word], rules: SegmentationRules) -> list[Sequence[Word]]:
    """As few captions as hold all the words, and of those the most even ones.

    The best way to cut up to each word follows from the best ways before it.
    """
    room = rules.max_chars * rules.max_lines
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(words) + 1):
        ways = []
        for start in range(end - 1, -1, -1):
            group = words[start:end]
            if end - start > 1 and not _fits(group, rules):
                break
            count, cost, _ = best[start]
            cost += (1 - min(1.0, _width(group) / room)) ** 2
            if end < len(words) and not ends_clause(words[end - 1].text):
                cost += _PRICE_WITHIN_CLAUSE
            if len(group) == 1 and len(words) > 1:
                cost += _PRICE_OF_ORPHAN
            ways.append((count + 1, cost, start))
        best.append(min(ways))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    return [words[start:end] for start, end in pairwise(reversed(cuts))]


def _fits(words: Sequence[Word], rules: SegmentationRules) -> bool:
    if rules.max_words is not None and len(words) > rules.max_words:
        return False
    return _line_count(words, rules.max_chars) <= rules.max_lines


def _line_count(words: Sequence[Word], max_chars: int) -> int:
    count, start = 1, 0
    for at in range(1, len(words)):
        if _width(words[start : at + 1]) > max_chars:
            count, start = count + 1, at
    return count


def _lines(words: Sequence[Word], max_chars: int) -> tuple[tuple[Word, ...], ...]:
    """As few lines as it takes, as equal in length as they can be."""
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for end in range(1, len(words) + 1):
        ways = []
        for start in range(end - 1, -1, -1):
            length = _width(words[start:end])
            if end - start > 1 and length > max_chars:
                break
            count, cost, _ = best[start]
            ways.append((count + 1, cost + length**2, start))
        best.append(min(ways))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    return tuple(tuple(words[start:end]) for start, end in pairwise(reversed(cuts)))


def _width(words: Sequence[Word]) -> int:
    return width(joined([word.text for word in words]))


def _steady(made: Sequence[TimedCaption], min_seconds: float) -> Iterator[TimedCaption]:
    """Without flicker, and readable; no start is moved, so that nothing drifts."""
    for at, caption in enumerate(made):
        end = max(caption.end, caption.start + min_seconds)
        if at + 1 < len(made):
            following = made[at + 1].start
            end = following if following - end < CLOSED_GAP else end
        yield replace(caption, end=end)
