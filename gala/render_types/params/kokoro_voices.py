"""Names and languages of all voices of Kokoro-82M, whether installed or not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from gala.errors import InvalidRequest
from gala.name_suggestions import VOICE_LISTING, suggestion

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
_NAME: Final = re.compile(rf"[{''.join(sorted({*LANGUAGES.values(), 'b'}))}][fm]_[a-z0-9]{{1,40}}")
_SHARE: Final = r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*"
_VOICE_SHARE: Final = re.compile(rf"\s*([a-z0-9_]{{1,60}})\s*(?::{_SHARE}|\({_SHARE}\)\s*)?")
_MAX_MIXED: Final = 8
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


def is_voice(name: str) -> bool:
    """Return True if a voice may have this name: one of the 54, or one of the operator's own."""
    return _NAME.fullmatch(name) is not None


def voices_in(voice: str) -> tuple[str, ...]:
    """Return the names in a voice or a mix, without their shares, whether they exist or not."""
    return tuple(_name_in(part) for part in voice.split("+"))


def shares_of(
    voice: str, names: Collection[str], *, field: str = "params.voice"
) -> tuple[tuple[str, float], ...]:
    """Return the voices in a voice or a mix, with shares that add up to 1.

    It is written ``af_heart``, ``af_heart+af_bella`` (equal shares), ``af_heart:0.6+af_bella:0.4``,
    or ``af_heart(3)+af_bella(2)``, as Kokoro-FastAPI writes it. Raise ``InvalidRequest`` naming
    ``field`` if a voice is not in ``names``, or the mix is not valid.
    """
    parts = voice.split("+")
    if len(parts) > _MAX_MIXED:
        raise InvalidRequest(f"{field}: at most {_MAX_MIXED} voices can be mixed.", field=field)
    weights: dict[str, float] = {}
    for part in parts:
        match = _VOICE_SHARE.fullmatch(part.lower())
        if match is None or match[1] not in names:
            raise InvalidRequest(
                f"{field}: Kokoro has no voice {part.strip()!r}."
                f" {suggestion(_name_in(part), names, listing=VOICE_LISTING)}"
                " Voices can be mixed: af_heart:0.6+af_bella:0.4.",
                field=field,
            )
        weights[match[1]] = weights.get(match[1], 0.0) + float(match[2] or match[3] or 1)
    whole = sum(weights.values())
    if whole <= 0:
        raise InvalidRequest(f"{field}: The shares of a mix must not all be 0.", field=field)
    return tuple((name, weight / whole) for name, weight in weights.items())


def _name_in(part: str) -> str:
    """Return the name in a part of a mix, without its share."""
    return re.split(r"[:(]", part.strip().lower(), maxsplit=1)[0]
