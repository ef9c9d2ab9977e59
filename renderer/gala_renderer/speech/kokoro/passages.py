"""Text cut into passages that Kokoro can say at one go."""

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
"""What the model can take."""
COMFORTABLE: Final = 400
"""It begins to hurry in longer passages, its makers say."""
_CHARACTERS: Final = 400

Pronounce = Callable[[str, Sequence[Span]], Pronunciation]


@dataclass(frozen=True, slots=True)
class Passage:
    """Pronunciation to say at one go, whose owners are words of the whole text.

    ``words`` are those that it covers, ``whole`` tells whether a sentence ends with it.
    """

    sounds: Pronunciation
    words: range
    whole: bool


def passages(
    text: str, words: Sequence[Span], pronounce: Pronounce, most: int = COMFORTABLE
) -> Iterator[Passage]:
    """Passages of at most ``SYMBOLS_MAX`` symbols that together are the text.

    Whole sentences together while they fit into ``most`` symbols; one that is too long is cut at
    clauses, at words, and only then within a word.
    """
    gathered: Passage | None = None
    for passage in _sentences(text, words, pronounce):
        if gathered is None:
            gathered = passage
        elif gathered.whole and len(gathered.sounds.symbols + passage.sounds.symbols) < most:
            gathered = _together(gathered, passage)
        else:
            yield gathered
            gathered = passage
    if gathered is not None:
        yield gathered


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
    text: str, words: Sequence[Span], those: range, pronounce: Pronounce
) -> Iterator[Passage]:
    begin, end = words[those.start][0], words[those.stop - 1][1]
    stretch = text[begin:end]
    # No longer than that is pronounced: the time that it takes grows with the square.
    if len(stretch) <= _CHARACTERS or len(those) == 1:
        inside = [(start - begin, stop - begin) for start, stop in words[those.start : those.stop]]
        sounds = pronounce(stretch[: 2 * _CHARACTERS], inside)
        if len(sounds.symbols) <= SYMBOLS_MAX:
            yield Passage(_moved(sounds, those.start), those, whole=True)
            return
        if len(those) == 1:
            yield from _syllables(_moved(sounds, those.start), those)
            return
    parts = list(_halves(text, words, those))
    for part in parts:
        for passage in _fitting(text, words, part, pronounce):
            last = passage.words.stop == those.stop
            yield Passage(passage.sounds, passage.words, whole=passage.whole and last)


def _halves(text: str, words: Sequence[Span], those: range) -> Iterator[range]:
    """Two or three parts of some words, cut at a clause if there is one."""
    begin, end = words[those.start][0], words[those.stop - 1][1]
    starts = [start for start, _ in words]
    most = max(1, (end - begin) * 2 // 3)
    at, first = begin, those.start
    for piece in chunks(text[begin:end], most):
        at = text.index(piece, at) + len(piece)
        until = min(those.stop, bisect_left(starts, at))
        if until > first and until - first < len(those):
            yield range(first, until)
            first = until
    if first < those.stop:
        middle = first + (those.stop - first) // 2 if first == those.start else first
        yield from (part for part in (range(first, middle), range(middle, those.stop)) if part)


def _syllables(sounds: Pronunciation, those: range) -> Iterator[Passage]:
    """A word of more sounds than the model takes: cut anywhere."""
    for at in range(0, len(sounds.symbols), SYMBOLS_MAX):
        part = slice(at, at + SYMBOLS_MAX)
        whole = at + SYMBOLS_MAX >= len(sounds.symbols)
        yield Passage(Pronunciation(sounds.symbols[part], sounds.owners[part]), those, whole=whole)


def _moved(sounds: Pronunciation, by: int) -> Pronunciation:
    moved = tuple(NO_WORD if owner == NO_WORD else owner + by for owner in sounds.owners)
    return Pronunciation(sounds.symbols, moved)


def _together(one: Passage, other: Passage) -> Passage:
    between = " " if one.sounds.symbols and other.sounds.symbols else ""
    sounds = Pronunciation(
        one.sounds.symbols + between + other.sounds.symbols,
        (*one.sounds.owners, *((NO_WORD,) if between else ()), *other.sounds.owners),
    )
    return Passage(sounds, range(one.words.start, other.words.stop), whole=other.whole)
