"""What the scripts of the world ask of captions: spaces, widths, and where sentences end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from fontTools.unicodedata import script as script_of

from gala_renderer.speech.text_chunks import sentences
from gala_renderer.speech.word_tokens import written_words
from gala_renderer.text_layout.line_break import continues_cluster

_UNSPACED: Final = frozenset(
    {"Hani", "Hira", "Kana", "Bopo", "Yiii", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"}
)
"""Scripts that write no space between words."""

_CLAUSE_ENDS: Final = frozenset(",;:،؛、，；：—–")  # noqa: RUF001 - the marks of many scripts
_FORMATTING: Final = frozenset("\u200c\u200d\u2060")
_FROM_RIGHT: Final = frozenset({"R", "AL"})
_LONGEST: Final = 500
"""Characters of a word that are drawn."""

_SAID: Final = frozenset("&%@#*/\\§†‰")


def joined(words: Sequence[str]) -> str:
    """The words as one text, with spaces where the script has them."""
    if not words:
        return ""
    return words[0] + "".join(
        (" " if spaced(before, word) else "") + word for before, word in pairwise(words)
    )


@lru_cache(maxsize=4096)
def spaced(before: str, after: str) -> bool:
    """Whether a space stands between two words."""
    return not (_unspaced(reversed(before)) or _unspaced(iter(after)))


def _unspaced(characters: Iterator[str]) -> bool:
    """Whether the first letter or sign that belongs to a script is of one without spaces."""
    for character in characters:
        if unicodedata.east_asian_width(character) == "W" and not character.isalnum():
            # 。、「」 have no script of their own; emoji are wide too, but stand between spaces.
            return unicodedata.category(character)[0] == "P"
        script = script_of(character)
        if script not in {"Zyyy", "Zinh", "Zzzz"}:
            return script in _UNSPACED
        if character.isalnum():
            return False
    return False


@lru_cache(maxsize=4096)
def width(text: str) -> int:
    """How wide it is in usual characters: wide ones count two, marks nothing."""
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})
        for character in text
    )


@lru_cache(maxsize=4096)
def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with it; abbreviations do not end one."""
    return len(sentences(f"{word} X")) > 1


def ends_clause(word: str) -> bool:
    """Whether a comma or the like ends it."""
    return bool(word) and (word[-1] in _CLAUSE_ENDS or ends_sentence(word))


def reads_from_right(texts: Sequence[str]) -> bool:
    """Whether most letters of the texts are read from right to left."""
    directions = [unicodedata.bidirectional(character) for text in texts for character in text]
    return sum(direction in _FROM_RIGHT for direction in directions) > directions.count("L")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """A text as it is drawn: on one line, without what only serves to deceive.

    Joiners shape letters and emoji; other invisible controls, such as overrides of direction, go.
    """
    shown = (
        character
        for character in " ".join(unicodedata.normalize("NFC", text).split())
        if character in _FORMATTING or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(shown)[:_LONGEST]


def is_word(text: str) -> bool:
    """Whether there is anything but punctuation in it; signs that are said count as words."""
    return any(
        character in _SAID or unicodedata.category(character)[0] in "LNS" for character in text
    )


def pieces(word: str, most: int) -> list[str]:
    """A word of a script without spaces as pieces of at most ``most`` columns; others are whole.

    Cut between phrases where there are some, else between characters; never before a mark.
    """
    if not _unspaced(iter(word)):
        return [word]
    parts = [word[start:end] for start, end in written_words(word)] or [word]
    return [piece for part in parts for piece in _cut(part, most)]


def _cut(part: str, most: int) -> list[str]:
    cut: list[str] = []
    current = ""
    for at, character in enumerate(part):
        follows = continues_cluster(part, at) or unicodedata.category(character)[0] == "P"
        if current and width(current + character) > most and not follows:
            cut.append(current)
            current = ""
        current += character
    return [*cut, current]
