"""Guess the language of a text: by its script, and for Latin letters by a statistical model.

The model is py3langid's (97 languages, in the wheel), restricted to the most usual languages in
Latin letters, because fewer candidates make short texts safer. Measured on 208 texts of 3 to 8
words in 13 languages: 99 % right, where lists of common words reach 71 %. It takes 1 s to load and
60 MB of memory, so it is loaded with the first Latin text whose language is not given.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

DEFAULT_LANGUAGE: Final = "en-US"

_SAMPLE_CHARACTERS: Final = 2000
_LATIN: Final = "LATIN"
_LATIN_LANGUAGES: Final = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr")
_CONFIDENCE: Final = 1.5
"""How many times likelier than English another language must be: names fit several languages."""
_AMONG_OTHERS: Final = 10.0
"""How many times likelier than that of the texts around it a language must be."""
_WORDS: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[¿¡]")
"""What the model looks at: a comma or a full stop makes it take "Hola, mundo." for Portuguese."""
_GREETINGS: Final[Mapping[str, str]] = {
    "bonjour": "fr",
    "ciao": "it",
    "hallo": "de",
    "hej": "sv",
    "hola": "es",
    "merci": "fr",
    "olá": "pt",
    "salut": "fr",
}
"""First words that tell the language of texts that are too short for the model."""
_GREETING_WORDS: Final = 4
_LANGUAGE_BY_SCRIPT: Final[Mapping[str, str]] = {
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
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
"""The most widely spoken language of each script."""


def detect_language(text: str, usual: str | None = None) -> str:
    """Return the likeliest language of a text (``es``), ``en-US`` for English or if unknown.

    ``usual`` is the language of the texts around it, which is returned unless another one is much
    likelier: two or three words fit several languages.

    Blocks for about a second when it loads the model; call it in a thread from a coroutine.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    script = _main_script(sample)
    if script is None:
        return DEFAULT_LANGUAGE
    return _latin_language(sample, usual) if script == _LATIN else _LANGUAGE_BY_SCRIPT[script]


def is_latin(text: str) -> bool:
    """Return True if most letters of a text are Latin."""
    return _main_script(text[:_SAMPLE_CHARACTERS]) == _LATIN


def _main_script(sample: str) -> str | None:
    """Return the script of most letters; any kana makes Chinese characters Japanese."""
    counts = Counter(
        script
        for character in sample
        if character.isalpha()
        and ((script := _script(character)) == _LATIN or script in _LANGUAGE_BY_SCRIPT)
    )
    if counts["HIRAGANA"] + counts["KATAKANA"] and counts["CJK"]:
        return "HIRAGANA"
    return counts.most_common(1)[0][0] if counts else None


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _latin_language(sample: str, usual: str | None) -> str:
    words = _WORDS.findall(sample)
    greeting = _GREETINGS.get(words[0].casefold()) if words else None
    if greeting is not None and len(words) <= _GREETING_WORDS:
        return greeting
    ranked: list[tuple[str, float]] = _model().rank(" ".join(words))
    language, probability = ranked[0]
    if usual is not None and _AMONG_OTHERS * dict(ranked).get(usual[:2], 0.0) >= probability:
        return usual
    if language == "en" or probability < _CONFIDENCE * dict(ranked)["en"]:
        return DEFAULT_LANGUAGE
    return language


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - rarely needed

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(_LATIN_LANGUAGES)
    # A model keeps what it knows of all languages, 20 MB; one that is made of a few does not.
    return LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
