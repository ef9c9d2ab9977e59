"""Which language a text is in, as far as its script tells."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Final

_LOOKED_AT: Final = 2000
USUAL: Final = "en-US"
_BY_SCRIPT: Final = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "LATIN": USUAL,
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}


def guess_language(text: str) -> str:
    """The usual language of the script that most of the text's letters belong to.

    English for Latin letters: their language must be told.
    """
    counted = Counter(
        script
        for character in text[:_LOOKED_AT]
        if character.isalpha() and (script := _script(character)) in _BY_SCRIPT
    )
    if not counted:
        return USUAL
    if counted["HIRAGANA"] + counted["KATAKANA"] and counted["CJK"]:
        return "ja"
    return _BY_SCRIPT[counted.most_common(1)[0][0]]


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
