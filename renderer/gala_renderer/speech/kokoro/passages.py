"""Split text into passages that Kokoro can speak in one call."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gala_renderer.speech.kokoro.phonemize import Pronunciation
from gala_renderer.speech.kokoro.token_alignment import NO_WORD
from gala_renderer.speech.text_chunks import chunks, sentences
from gala_renderer.speech.word_tokens import Span

SYMBOLS_MAX: Final = 510
"""The model's maximum."""
COMFORTABLE: Final = 400
"""The model speaks too fast in longer passages, according to its authors."""
_CHARACTERS: Final = 400

Pronounce = Callable[[str, Sequence[Span], int], Pronunciation]
"""Pronounces a part of the text, with the spans of its words within it, and where it starts."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A pronunciation to speak in one call, whose owners are indices into the whole text's words.

    ``words`` is the range that it covers; ``whole`` is true if it ends with a sentence.
    """

    sounds: Pronunciation
    words: range
    whole: bool


def passages(
    text: str, words: Sequence[Span], pronounce: Pronounce, most: int = COMFORTABLE
) -> Iterator[Passage]:
    """Yield passages of at most ``SYMBOLS_MAX`` symbols that together are the text.

    Sentences are joined while they fit into ``most`` symbols; one that is too long is split at
    clauses, then at words, and only then within a word.
    """
    pending: Passage | None = None
    for passage in _sentences(text, words, pronounce):
        if pending is None:
            pending = passage
        elif pending.whole and len(pending.sounds.symbols + passage.sounds.symbols) < most:
            pending = _together(pending, passage)
        else:
            yield pending
            pending = passage
    if pending is not None:
        yield pending


def _sentences(text: str, words: Sequence[Span], pronounce: Pronounce) -> Iterator[Passage]:
    starts = [start for start, _ in words]
    at = first = 0
    for sentence in sentences(text):
        at = text.index(sentence, at) + len(sentence)
        until = bisect_left(starts, at)
        if until > first:
            yield from _fitting(text, words, range(first, until), pronounce)
        first = until


def _fitting(
    text: str, words: Sequence[Span], word_range: range, pronounce: Pronounce
) -> Iterator[Passage]:
    begin, end = words[word_range.start][0], words[word_range.stop - 1][1]
    stretch = text[begin:end]
    # Longer text is not passed to the pronouncer, whose time grows with the square of the length.
    if len(stretch) <= _CHARACTERS or len(word_range) == 1:
        inside = [
            (start - begin, stop - begin)
            for start, stop in words[word_range.start : word_range.stop]
        ]
        sounds = pronounce(stretch[: 2 * _CHARACTERS], inside, begin)
        if len(sounds.symbols) <= SYMBOLS_MAX:
            yield Passage(_with_offset(sounds, word_range.start), word_range, whole=True)
            return
        if len(word_range) == 1:
            yield from _syllables(_with_offset(sounds, word_range.start), word_range)
            return
    parts = list(_halves(text, words, word_range))
    for part in parts:
        for passage in _fitting(text, words, part, pronounce):
            last = passage.words.stop == word_range.stop
            yield Passage(passage.sounds, passage.words, whole=passage.whole and last)


def _halves(text: str, words: Sequence[Span], word_range: range) -> Iterator[range]:
    """Yield two or three parts of a range of words, split at a clause if possible."""
    begin, end = words[word_range.start][0], words[word_range.stop - 1][1]
    starts = [start for start, _ in words]
    most = max(1, (end - begin) * 2 // 3)
    at, first = begin, word_range.start
    for piece in chunks(text[begin:end], most):
        at = text.index(piece, at) + len(piece)
        until = min(word_range.stop, bisect_left(starts, at))
        if until > first and until - first < len(word_range):
            yield range(first, until)
            first = until
    if first < word_range.stop:
        middle = first + (word_range.stop - first) // 2 if first == word_range.start else first
        yield from (part for part in (range(first, middle), range(middle, word_range.stop)) if part)


def _syllables(sounds: Pronunciation, word_range: range) -> Iterator[Passage]:
    """Split a word with more symbols than the model accepts, at any symbol."""
    for at in range(0, len(sounds.symbols), SYMBOLS_MAX):
        part = slice(at, at + SYMBOLS_MAX)
        whole = at + SYMBOLS_MAX >= len(sounds.symbols)
        yield Passage(
            Pronunciation(sounds.symbols[part], sounds.owners[part]), word_range, whole=whole
        )


def _with_offset(sounds: Pronunciation, by: int) -> Pronunciation:
    moved = tuple(NO_WORD if owner == NO_WORD else owner + by for owner in sounds.owners)
    return Pronunciation(sounds.symbols, moved)


def _together(one: Passage, other: Passage) -> Passage:
    between = " " if one.sounds.symbols and other.sounds.symbols else ""
    sounds = Pronunciation(
        one.sounds.symbols + between + other.sounds.symbols,
        (*one.sounds.owners, *((NO_WORD,) if between else ()), *other.sounds.owners),
    )
    return Passage(sounds, range(one.words.start, other.words.stop), whole=other.whole)
