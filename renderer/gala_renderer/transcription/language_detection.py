"""Which language a text is in, where nobody says: by its script, and Latin ones by small words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from gala_renderer.speech.languages import USUAL, guess_language

_LOOKED_AT: Final = 2000
_COMMON_WORDS: Final[Mapping[str, str]] = {
    USUAL: "the and of to is in that it was for you with are this have not be we",
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
_OWN_LETTERS: Final[Mapping[str, str]] = {
    "es": "¿¡ñ",
    "pt": "ãõ",
    "de": "ß",
    "pl": "ąęłśźż",
    "tr": "ğşı",
}
"""Letters and marks that, of these languages, only one writes; each counts as two words."""
_COMMON: Final = {language: words.split() for language, words in _COMMON_WORDS.items()}
_WORD: Final = re.compile(r"[^\W\d_]+")


def written_language(text: str) -> str:
    """The language (``es``) of a text; American English where nothing speaks for another."""
    by_script = guess_language(text)
    if by_script != USUAL:
        return by_script
    sample = text[:_LOOKED_AT].lower()
    words, letters = Counter(_WORD.findall(sample)), Counter(sample)
    scores = {
        language: sum(words[word] for word in common)
        + 2 * sum(letters[letter] for letter in _OWN_LETTERS.get(language, ""))
        for language, common in _COMMON.items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] else USUAL
