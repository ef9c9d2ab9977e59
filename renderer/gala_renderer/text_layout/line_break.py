"""Where a line may break: a small part of Unicode's rules, enough for short texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

_IDEOGRAPHIC: Final = frozenset({"Hani", "Hira", "Kana", "Bopo", "Yiii"})
# No spaces between words; without a dictionary, any cluster may begin a line.
_UNSPACED: Final = frozenset({"Thai", "Laoo", "Khmr", "Mymr"})
_OPENING: Final = frozenset({"Ps", "Pi"})
_NEVER_FIRST: Final = frozenset(
    "、。，．：；！？!?,.:;%…‥・ーゝゞ々〻ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ゛゜ะาำๆฯๅ"  # noqa: RUF001
)
_NEVER_LAST: Final = frozenset("เแโใไ$€£¥#@")
_HYPHENS: Final = frozenset("-\u2010\u2013\u2014")
_SPACES: Final = frozenset(" \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a")
_WIDE_SPACES: Final = frozenset("\u205f\u3000")
_JOINER: Final = "\u200d"


class Break(IntEnum):
    """Whether a line may begin at a character, and how well."""

    NO = 0
    POOR = 1
    GOOD = 2


def is_space(character: str) -> bool:
    """Whether it is a space at which a line may end; no-break spaces are not."""
    return character in _SPACES or character in _WIDE_SPACES


def continues_cluster(text: str, at: int) -> bool:
    """Whether the character belongs to the one before it: a mark, a joiner, a selector."""
    if at == 0:
        return False
    character = text[at]
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me"}
        or character == _JOINER
        or text[at - 1] == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or _completes_flag(text, at)
    )


def break_before(text: str, scripts: Sequence[str], at: int) -> Break:
    """Whether a line may begin at this character."""
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
        return Break.NO if before.isdigit() and character.isdigit() else Break.GOOD
    if left == right and left in _UNSPACED:
        return Break.POOR
    symbol = "So" in {unicodedata.category(before), unicodedata.category(character)}
    return Break.GOOD if symbol else Break.NO


def may_cut(text: str, at: int) -> bool:
    """Whether a word that is too long for any line may be cut before this character."""
    return not continues_cluster(text, at) and not _inseparable(text[at - 1], text[at])


def _inseparable(before: str, character: str) -> bool:
    return (
        character in _NEVER_FIRST
        or before in _NEVER_LAST
        or unicodedata.category(character) in {"Pe", "Pf"}
        or unicodedata.category(before) in _OPENING
        or "\u00a0" in {before, character}
    )


def _completes_flag(text: str, at: int) -> bool:
    # Two regional indicators make a flag.
    count = 0
    while at - count >= 0 and "\U0001f1e6" <= text[at - count] <= "\U0001f1ff":
        count += 1
    return count > 0 and count % 2 == 0
