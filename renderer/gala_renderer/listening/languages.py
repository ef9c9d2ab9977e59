"""Which language a text is probably in, where nobody says."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Final

_USUAL: Final = "en"
_ENOUGH: Final = 2_000

_SCRIPTS: Final[Mapping[str, str]] = {
    "ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "cmn", "CYRILLIC": "ru",
    "DEVANAGARI": "hi", "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu", "GURMUKHI": "pa",
    "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja", "KANNADA": "kn", "KATAKANA": "ja",
    "MALAYALAM": "ml", "TAMIL": "ta", "TELUGU": "te", "THAI": "th", "LATIN": "",
}  # fmt: skip
"""The language of most texts in a script, by the first word of its letters' Unicode names."""

_COMMON_WORDS: Final[Mapping[str, str]] = {
    "en": "the and of to is in that it was for you with are this have not be we",
    "es": "el la los las que y en un una es por con para se del está como más no",
    "fr": "le les et des est une dans que pour qui vous nous du pas sur avec ce au",
    "de": "der die das und ist nicht ein eine zu den mit von im auf sich es ich wir",
    "it": "il gli che di è un una per con non sono del della nel si come più anche",
    "pt": "o os que e do da em um uma não é com para se por mais dos das no na",
    "nl": "de het een en van is dat niet op te zijn voor met er aan wij ik maar",
    "pl": "i w na z się nie to jest do że jak o od po co za przez był",
    "tr": "bir ve bu da de için ile çok ne gibi daha olan ben sen biz o mi",
    "sv": "och att det en som är av på för med till inte den har vi jag ett om",
}
_COMMON: Final = {language: words.split() for language, words in _COMMON_WORDS.items()}
_WORD: Final = re.compile(r"[^\W\d_]+")


def guess_language(text: str) -> str:
    """The language (``es``) that script and small words speak for; ``en`` if nothing does."""
    sample = text[:_ENOUGH].lower()
    scripts = Counter(filter(None, map(_script, sample)))
    if not scripts:
        return _USUAL
    if scripts["HIRAGANA"] + scripts["KATAKANA"]:
        return "ja"
    found = _SCRIPTS[scripts.most_common(1)[0][0]]
    return found or _by_words(sample)


def _script(character: str) -> str | None:
    first = unicodedata.name(character, "").partition(" ")[0]
    return first if character.isalpha() and first in _SCRIPTS else None


def _by_words(text: str) -> str:
    words = Counter(_WORD.findall(text))
    scores = {language: sum(words[word] for word in common) for language, common in _COMMON.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else _USUAL
