"""Which words captions show: replacements, exclusions, punctuation and capital letters."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gala.render_types.params.captions import LineRules, Replacement, TimeRange
from gala_renderer.captions.segmentation import SegmentationRules, in_order, spread
from gala_renderer.captions.writing_systems import is_word, joined, spaced
from gala_renderer.speech.word_tokens import written_words
from gala_renderer.speech.words import Word

_CAPITAL_I = str.maketrans({"i": "İ", "ı": "I"})  # noqa: RUF001 - Turkish has both letters


def rules_of(params: LineRules) -> SegmentationRules:
    """Return the segmentation rules of the params."""
    return SegmentationRules(
        max_chars=params.max_chars,
        max_lines=params.max_lines,
        max_words=params.max_words,
        pause_seconds=params.pause_seconds,
        min_seconds=params.min_seconds,
    )


def shown_words(
    words: Sequence[Word], params: LineRules, language: str | None = None
) -> tuple[Word, ...]:
    """Return the words to show, sorted by time, with their times unchanged."""
    shown = in_order(_not_excluded(words, params.exclude))
    for rule in params.replace:
        shown = list(_replaced(shown, rule))
    if not params.keep_punctuation:
        shown = [
            replace(word, text=_without_punctuation(word.text))
            for word in shown
            if is_word(word.text)
        ]
    if params.uppercase:
        shown = [replace(word, text=capitals(word.text, language)) for word in shown]
    return tuple(word for word in shown if word.text)


def capitals(text: str, language: str | None = None) -> str:
    """Return the text in capital letters by the rules of the language."""
    if (language or "").lower().split("-")[0] in {"tr", "az"}:
        text = text.translate(_CAPITAL_I)
    return text.upper()


def _not_excluded(words: Sequence[Word], ranges: Sequence[TimeRange]) -> list[Word]:
    return [
        word
        for word in words
        if not any(part.start <= (word.start + word.end) / 2 < part.end for part in ranges)
    ]


def _without_punctuation(text: str) -> str:
    start, end = 0, len(text.rstrip())
    while start < end and _is_punctuation(text[start]):
        start += 1
    while end > start and _is_punctuation(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_punctuation(character: str) -> bool:
    # A percent sign or a hash is read aloud, a comma is not.
    return unicodedata.category(character)[0] == "P" and not is_word(character)


def _replaced(words: Sequence[Word], rule: Replacement) -> Iterator[Word]:
    """Yield the words with all matches replaced; new words share the time of the replaced ones."""
    text = joined([word.text for word in words])
    starts = _starts(words)
    pattern = _pattern(rule.find)
    next_word = 0
    for first, last in _matched_words(pattern, text, starts):
        yield from words[next_word:first]
        old = text[starts[first] : starts[last] + len(words[last].text)]
        yield from _timed(
            pattern.sub(lambda _: rule.replace, old), words[first].start, words[last].end
        )
        next_word = last + 1
    yield from words[next_word:]


def _matched_words(
    pattern: re.Pattern[str], text: str, starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the indices of the first and the last word of each match; overlaps are merged."""
    span: tuple[int, int] | None = None
    for match in pattern.finditer(text):
        first = bisect_right(starts, match.start()) - 1
        last = bisect_left(starts, match.end()) - 1
        if span and first > span[1]:
            yield span
            span = None
        span = (span[0] if span else first, last)
    if span:
        yield span


def _timed(text: str, start: float, end: float) -> list[Word]:
    return timed(text, start, end) if is_word(text) else []


def timed(text: str, start: float, end: float, language: str | None = None) -> list[Word]:
    """Split a text into words that share the time in proportion to their length."""
    spans = written_words(text, language)
    texts = [text[first:last] for first, last in spans]
    for index, (_, last) in enumerate(spans[:-1]):
        if text[last].isspace() and not spaced(texts[index], texts[index + 1]):
            # As it was written, although the script needs no space.
            texts[index] += " "
    return spread(texts or ([text.strip()] if text.strip() else []), start, end)


def _starts(words: Sequence[Word]) -> list[int]:
    starts: list[int] = []
    at = 0
    for number, word in enumerate(words):
        at += bool(number and spaced(words[number - 1].text, word.text))
        starts.append(at)
        at += len(word.text)
    return starts


def _pattern(find: str) -> re.Pattern[str]:
    """Compile a pattern for whole words, where the script separates words by spaces."""
    pattern = r"\s+".join(re.escape(part) for part in find.split()) or re.escape(find)
    left = r"(?<!\w)" if find[:1].isalnum() and not _wide(find[0]) else ""
    right = r"(?!\w)" if find[-1:].isalnum() and not _wide(find[-1]) else ""
    return re.compile(left + pattern + right, re.IGNORECASE)


def _wide(character: str) -> bool:
    return not spaced(character, character)
