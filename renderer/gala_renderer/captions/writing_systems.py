"""Script-dependent rules for captions: spacing, display width, sentence ends."""

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
"""Scripts without spaces between words."""

_CLAUSE_ENDS: Final = frozenset(",;:،؛、，；：—–")  # noqa: RUF001 - the marks of many scripts
_FORMATTING: Final = frozenset("\u200c\u200d\u2060")
_FROM_RIGHT: Final = frozenset({"R", "AL"})
_MAX_CHARACTERS: Final = 500
"""The number of characters drawn of one word."""

_READ_ALOUD: Final = frozenset("&%@#*/\\§†‰")


def joined(words: Sequence[str]) -> str:
    """Join words to a text, with spaces where the script uses them, or where a word ends with one.

    In scripts without spaces, a word with a space at its end is followed by one in its text.
    """
    if not words:
        return ""
    return words[0] + "".join(
        (" " if spaced(before, word) else "") + word for before, word in pairwise(words)
    )


def apart(before: str, after: str) -> bool:
    """Return True if a space is shown between two words."""
    return before.endswith(" ") or spaced(before, after)


@lru_cache(maxsize=4096)
def spaced(before: str, after: str) -> bool:
    """Return True if a space is to be written between two words, the first of which has none."""
    return not (before.endswith(" ") or _unspaced(reversed(before)) or _unspaced(iter(after)))


def _unspaced(characters: Iterator[str]) -> bool:
    """Return True if the first character that has a script is of a script without spaces."""
    for character in characters:
        if unicodedata.east_asian_width(character) == "W" and not character.isalnum():
            # 。、「」 belong to no script. Emoji are wide too, but are separated by spaces.
            return unicodedata.category(character)[0] == "P"
        script = script_of(character)
        if script not in {"Zyyy", "Zinh", "Zzzz"}:
            return script in _UNSPACED
        if character.isalnum():
            return False
    return False


@lru_cache(maxsize=4096)
def width(text: str) -> int:
    """Return the display width in columns: wide characters count 2, combining marks 0."""
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(character) in {"W", "F"})
        for character in text
    )


@lru_cache(maxsize=4096)
def ends_sentence(word: str) -> bool:
    """Return True if the word ends a sentence; abbreviations do not."""
    return len(sentences(f"{word} X")) > 1


def ends_clause(word: str) -> bool:
    """Return True if the word ends with a comma or a similar mark, or ends a sentence."""
    word = word.rstrip()
    return bool(word) and (word[-1] in _CLAUSE_ENDS or ends_sentence(word))


def reads_from_right(texts: Sequence[str]) -> bool:
    """Return True if most letters of the texts are written from right to left."""
    directions = [unicodedata.bidirectional(character) for text in texts for character in text]
    return sum(direction in _FROM_RIGHT for direction in directions) > directions.count("L")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Return a text for drawing: on one line, without invisible control characters.

    Joiners stay, because they shape letters and emoji; direction overrides are removed.
    """
    shown = (
        character
        for character in " ".join(unicodedata.normalize("NFC", text).split())
        if character in _FORMATTING or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
    return "".join(shown)[:_MAX_CHARACTERS]


def is_word(text: str) -> bool:
    """Return True if the text has more than punctuation; symbols read aloud count."""
    return any(
        character in _READ_ALOUD or unicodedata.category(character)[0] in "LNS"
        for character in text
    )


def pieces(word: str, most: int) -> list[str]:
    """Split a word of a script without spaces into pieces of at most ``most`` columns.

    Words of other scripts stay whole. Splits are between phrases if possible, else between
    grapheme clusters, and never before punctuation.
    """
    if not _unspaced(iter(word)):
        return [word]
    parts = [word[start:end] for start, end in written_words(word)] or [word]
    return [piece for part in parts for piece in _split_phrase(part, most)]


def _split_phrase(part: str, most: int) -> list[str]:
    cut: list[str] = []
    current = ""
    for at, character in enumerate(part):
        follows = continues_cluster(part, at) or unicodedata.category(character)[0] == "P"
        if current and width(current + character) > most and not follows:
            cut.append(current)
            current = ""
        current += character
    return [*cut, current]
