"""Grapheme clusters, emoji and line-break opportunities, from Unicode's character properties.

Clusters (UAX #29), line-break classes (UAX #14) and emoji properties (UTS #51) come from the
``regex`` package. The pair rules on top of them are ours: URLs and Korean words stay whole, and
Thai, Lao, Khmer and Burmese may break at any cluster, which plain UAX #14 does the other way round.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

import regex

_IDEOGRAPHIC: Final = frozenset({"Hani", "Hira", "Kana", "Bopo", "Yiii"})
# These scripts write no spaces between words; without a dictionary, any cluster may begin a line.
_UNSPACED: Final = frozenset({"Thai", "Laoo", "Khmr", "Mymr"})
_SPACES: Final = frozenset(
    " \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000"
)
_IN_NUMBERS: Final = frozenset(",.:/")
"""What is within numbers, dates and times before a digit."""
_HYPHENS: Final = frozenset("-\u2010\u2013\u2014")
_CLUSTER: Final = regex.compile(r"\X")
# Closing and separating punctuation, small kana, units; and Thai signs that follow a consonant.
_NEVER_FIRST: Final = regex.compile(
    r"[\p{LB=CL}\p{LB=CP}\p{LB=EX}\p{LB=IS}\p{LB=NS}\p{LB=CJ}\p{LB=IN}\p{LB=PO}\p{LB=GL}\p{LB=WJ}"
    r"\p{Pe}\p{Pf}\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46]"
)
# Opening punctuation, currency signs, the signs of tags and handles; and Thai prefixed vowels.
_NEVER_LAST: Final = regex.compile(
    r"[\p{LB=OP}\p{LB=PR}\p{LB=GL}\p{LB=WJ}\p{Ps}\p{Pi}#@\u0e40-\u0e44]"
)
# Pictographs of the supplementary planes count as emoji even if Unicode shows them as text by
# default: in captions they are meant as pictures.
_EMOJI: Final = regex.compile(
    r"\p{Emoji}[\ufe0f\u20e3]"
    r"|[\p{Emoji_Presentation}[\p{Extended_Pictographic}&&[\U0001f000-\U0001ffff]]](?!\ufe0e)",
    regex.VERSION1,
)


_LONGEST_LEADING: Final = 3
_ARTICLES: Final = frozenset(
    [
        *("a", "an", "the"),
        *("der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer"),
        *("el", "la", "los", "las", "un", "una", "unos", "unas", "le", "les", "une"),
        *("il", "lo", "gli", "uno", "o", "os", "as", "um", "uma"),
    ]
)
"""In English, German, Spanish, French, Italian and Portuguese."""


class Break(IntEnum):
    """The quality of a line break before a character."""

    NO = 0
    POOR = 1
    GOOD = 2


def is_space(character: str) -> bool:
    """Return True for a space at which a line may end; no-break spaces are excluded."""
    return character in _SPACES


def leading(word: str) -> int:
    """Return how much a word belongs to the next one: 2 for articles, 1 for prepositions, else 0.

    Prepositions are taken to be the short words in lower case; scripts without case have none.
    """
    if word in _ARTICLES:
        return 2
    return int(len(word) <= _LONGEST_LEADING and word.isalpha() and word.islower())


def is_emoji(text: str, at: int) -> bool:
    """Return True if an emoji, shown as a picture, begins at this index (UTS #51)."""
    return _EMOJI.match(text, at) is not None


def continues_cluster(text: str, at: int) -> bool:
    """Return True if the character belongs to the grapheme cluster of the one before it."""
    return at > 0 and at not in _cluster_starts(text)


@lru_cache(maxsize=256)
def _cluster_starts(text: str) -> frozenset[int]:
    return frozenset(match.start() for match in _CLUSTER.finditer(text))


def break_before(text: str, scripts: Sequence[str], at: int) -> Break:
    """Return whether a line may begin at this character, and how good a break that is."""
    if at == 0 or is_space(text[at]) or continues_cluster(text, at):
        return Break.NO
    before, character = text[at - 1], text[at]
    if is_space(before):
        return Break.GOOD
    if _inseparable(before, character):
        return Break.NO
    if before in _HYPHENS:
        between_words = at > 1 and text[at - 2].isalpha() and character.isalpha()
        return Break.GOOD if between_words else Break.NO
    return _break_by_script(before, character, scripts[at - 1], scripts[at])


def _break_by_script(before: str, character: str, left: str, right: str) -> Break:
    if not _IDEOGRAPHIC.isdisjoint((left, right)):
        in_number = character.isdigit() and (before.isdigit() or before in _IN_NUMBERS)
        return Break.NO if in_number else Break.GOOD
    if left == right and left in _UNSPACED:
        return Break.POOR
    symbol = "So" in {unicodedata.category(before), unicodedata.category(character)}
    return Break.GOOD if symbol else Break.NO


def may_cut(text: str, at: int) -> bool:
    """Return True if a word too long for any line may be cut before this character."""
    return not continues_cluster(text, at) and not _inseparable(text[at - 1], text[at])


def _inseparable(before: str, character: str) -> bool:
    return bool(_NEVER_FIRST.match(character) or _NEVER_LAST.match(before))
