"""The International Phonetic Alphabet: check and normalize transcriptions of users."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import unicodedata
from typing import Final

LETTERS: Final = frozenset(
    "abcdefhijklmnopqrstuvwxyzɡ"
    "ɐɑɒæɓʙβɔɕçɗɖðʤʣʥəɘɚɛɜɝɞɟʄɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸœɶʘɹɺɾɻʀʁɽʂʃʈʧʦʨʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢθᵻᵿ"
)
"""Letters of vowels and consonants, including obsolete ones for affricates."""

STRESS: Final = "ˈˌ"
LONG: Final = "ː"
TIES: Final = "\u0361\u035c"
_MARKS: Final = frozenset(f"{STRESS}{LONG}ˑ .|‖‿-ʰʲʷˠˤⁿˡʼ˞˥˦˧˨˩↗↘↓↑→ꜛꜜ")
_SAME: Final = str.maketrans({"g": "ɡ", "'": "ˈ", ":": LONG, "\u2019": "ʼ", "\t": " ", "\n": " "})
"""What is commonly typed instead of an IPA symbol."""
_DELIMITERS: Final = ("//", "[]", "\\\\")
_CEDILLA: Final = "c\u0327"


def normalized_ipa(written: str) -> str:
    """Return a transcription with one way of writing each symbol, and diacritics as marks.

    Slashes or brackets around it are removed. Raise ``ValueError`` naming the first symbol that is
    not of the IPA.
    """
    text = written.strip()
    if len(text) > 1 and text[0] + text[-1] in _DELIMITERS:
        text = text[1:-1]
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
    return plain in LETTERS or plain in _MARKS or unicodedata.category(part) == "Mn"
