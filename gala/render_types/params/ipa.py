"""The International Phonetic Alphabet: check and normalize transcriptions of users."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import unicodedata
from typing import Final

_EXTENSIONS: Final = "".join(map(chr, range(0x250, 0x2B0)))
LETTERS: Final = frozenset(f"abcdefghijklmnopqrstuvwxyzæçðøħŋœβθχᵻᵿⱱ{_EXTENSIONS}")
"""Letters of vowels and consonants, including obsolete ones for affricates."""

STRESS: Final = "ˈˌ"
LONG: Final = "ː"
TIES: Final = "\u0361\u035c"
_MODIFIERS: Final = "".join(map(chr, range(0x2B0, 0x370)))
"""Letters above the line, stress, length and tone, and all combining marks."""
_MARKS: Final = frozenset(f"{_MODIFIERS} .|‖‿-ⁿ↗↘↓↑→ꜛꜜ")
_SAME: Final = str.maketrans({"g": "ɡ", "'": "ˈ", ":": LONG, "\u2019": "ʼ"})
"""What is commonly typed instead of an IPA symbol."""
_CEDILLA: Final = "c\u0327"

_LETTER: Final = r"a-zæçðøħŋœβθχᵻᵿⱱ\u0250-\u02afà-öù-ýÿĩũẽ"
_MARK: Final = r" .|‖‿ⁿ↗↘↓↑→ꜛꜜ':\u2019\u02b0-\u036f-"
IPA_PATTERN: Final = rf"^[ /\[]*[{_MARK}]*[{_LETTER}][{_LETTER}{_MARK}]*[ /\]]*$"
"""The transcriptions that :func:`normalized_ipa` accepts."""


def normalized_ipa(written: str) -> str:
    """Return a transcription with one way of writing each symbol, and diacritics as marks.

    Slashes or brackets around it are removed. Raise ``ValueError`` naming the first symbol that is
    not of the IPA.
    """
    text = written.lstrip(" /[").rstrip(" /]")
    for at, symbol in enumerate(text):
        if not all(_is_ipa(part) for part in unicodedata.normalize("NFD", symbol)):
            where = f"character {at + 1 + written.index(text)}"
            raise ValueError(
                f"{symbol!r} ({where}) is no symbol of the IPA; write sounds as in ˈɛndʒɪn ˈɛks,"
                " or use `say`"
            )
    text = unicodedata.normalize("NFD", text).replace(_CEDILLA, "ç").translate(_SAME)
    if not LETTERS & set(text):
        raise ValueError("must contain a vowel or a consonant")
    return " ".join(text.split())


def _is_ipa(part: str) -> bool:
    plain = part.translate(_SAME)
    return plain in LETTERS or plain in _MARKS
