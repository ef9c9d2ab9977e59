"""Names and languages of all voices of Kokoro-82M, whether installed or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# The best voice of each language comes first: it is the default for that language.
_NAMES: Final[Mapping[str, str]] = {
    "af": "heart alloy aoede bella jessica kore nicole nova river sarah sky",
    "am": "michael adam echo eric fenrir liam onyx puck santa",
    "bf": "emma alice isabella lily",
    "bm": "george daniel fable lewis",
    "ef": "dora",
    "em": "alex santa",
    "ff": "siwis",
    "hf": "alpha beta",
    "hm": "omega psi",
    "if": "sara",
    "im": "nicola",
    "jf": "alpha gongitsune nezumi tebukuro",
    "jm": "kumo",
    "pf": "dora",
    "pm": "alex santa",
    "zf": "xiaobei xiaoni xiaoxiao xiaoyi",
    "zm": "yunjian yunxi yunxia yunyang",
}
VOICES: Final = tuple(
    f"{group}_{name}" for group, names in _NAMES.items() for name in names.split()
)
"""All 54: the letter of the language, ``f`` or ``m``, an underscore, and the name."""

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "a",
    "es": "e",
    "fr": "f",
    "hi": "h",
    "it": "i",
    "ja": "j",
    "pt": "p",
    "zh": "z",
    "cmn": "z",
}
"""Kokoro's letter by the primary tag of a language; English with a British region is ``b``."""
_BRITISH: Final = frozenset({"gb", "uk", "ie", "au", "nz", "za", "in"})


def letter_of(language: str) -> str | None:
    """Return Kokoro's letter for a BCP 47 tag; ``None`` if it does not speak the language."""
    primary, *rest = language.lower().replace("_", "-").split("-")
    letter = LANGUAGES.get(primary)
    return "b" if letter == "a" and _BRITISH.intersection(rest) else letter


def default_voice(language: str) -> str | None:
    """Return the default voice of a language; ``None`` if Kokoro does not speak it."""
    letter = letter_of(language)
    return next((voice for voice in VOICES if voice[0] == letter), None)
