"""The languages and voices of Kokoro-82M, and their names in requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gala.errors import InvalidRequest
from gala.name_suggestions import language_suggestion, suggestion
from gala.render_types.params.kokoro_voices import LANGUAGES, VOICES, letter_of
from gala_renderer.speech.protocol import VOICE_LISTING, Voice


class KokoroLanguage(StrEnum):
    """Kokoro's languages, by the first letter of their voices' names."""

    AMERICAN = "a"
    BRITISH = "b"
    SPANISH = "e"
    FRENCH = "f"
    HINDI = "h"
    ITALIAN = "i"
    JAPANESE = "j"
    BRAZILIAN = "p"
    MANDARIN = "z"


TAGS: Final[Mapping[KokoroLanguage, str]] = {
    KokoroLanguage.AMERICAN: "en-US",
    KokoroLanguage.BRITISH: "en-GB",
    KokoroLanguage.SPANISH: "es",
    KokoroLanguage.FRENCH: "fr",
    KokoroLanguage.HINDI: "hi",
    KokoroLanguage.ITALIAN: "it",
    KokoroLanguage.JAPANESE: "ja",
    KokoroLanguage.BRAZILIAN: "pt-BR",
    KokoroLanguage.MANDARIN: "zh",
}

_GENDERS: Final = {"f": "female", "m": "male"}
_NAME: Final = re.compile(r"[a-z][fm]_[a-z0-9]{1,40}")
_SHARE: Final = r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*"
_VOICE_SHARE: Final = re.compile(rf"\s*([a-z0-9_]{{1,60}})\s*(?::{_SHARE}|\({_SHARE}\)\s*)?")
_MAX_MIXED: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """The language and the mix of voices, with shares that add up to 1."""

    tongue: KokoroLanguage
    shares: tuple[tuple[str, float], ...]


def is_voice(name: str) -> bool:
    """Return True if a file of that name is a voice of a known language."""
    return _NAME.fullmatch(name) is not None and name[0] in frozenset(KokoroLanguage)


def described(name: str) -> Voice:
    """Return the public description of a voice."""
    tongue = KokoroLanguage(name[0])
    return Voice(name=name, language=TAGS[tongue], gender=_GENDERS[name[1]])


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names by language, known voices in the documented order, then the operator's own."""
    ranks = {name: rank for rank, name in enumerate(VOICES)}
    return tuple(sorted(names, key=lambda name: (name[0], ranks.get(name, len(ranks)), name)))


def chosen(voice: str | None, language: str | None, available: Iterable[str]) -> Choice:
    """Resolve a request's voice and language with the available voices.

    A voice is ``af_heart``, ``af_heart+af_bella`` (equal shares), ``af_heart:0.6+af_bella:0.4``, or
    ``af_heart(3)+af_bella(2)``, as Kokoro-FastAPI writes it.
    The default language is that of the first voice; the default voice is the language's first.
    Raise ``InvalidRequest`` naming ``params.voice`` or ``params.language`` and the valid values.
    """
    names = in_order(available)
    shares = _shares(voice, names) if voice else None
    if language:
        tongue = _language_of(language)
    else:
        tongue = KokoroLanguage(shares[0][0][0]) if shares else KokoroLanguage.AMERICAN
    return Choice(tongue, shares or ((_first(tongue, language, names), 1.0),))


def _first(tongue: KokoroLanguage, language: str | None, names: tuple[str, ...]) -> str:
    found = next((name for name in names if name.startswith(tongue)), None)
    if found is None:
        raise InvalidRequest(
            f"params.language: Kokoro has no voice for {language or TAGS[tongue]!r} here."
            f" {suggestion('', names, listing=VOICE_LISTING)}",
            field="params.language",
        )
    return found


def _shares(voice: str, names: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    parts = voice.split("+")
    if len(parts) > _MAX_MIXED:
        raise InvalidRequest(
            f"params.voice: at most {_MAX_MIXED} voices can be mixed.", field="params.voice"
        )
    weights: dict[str, float] = {}
    for part in parts:
        match = _VOICE_SHARE.fullmatch(part.lower())
        if match is None or match[1] not in names:
            raise InvalidRequest(
                f"params.voice: Kokoro has no voice {part.strip()!r}."
                f" {suggestion(_voice_in(part), names, listing=VOICE_LISTING)}"
                " Voices can be mixed: af_heart:0.6+af_bella:0.4.",
                field="params.voice",
            )
        weights[match[1]] = weights.get(match[1], 0.0) + float(match[2] or match[3] or 1)
    whole = sum(weights.values())
    if whole <= 0:
        raise InvalidRequest(
            "params.voice: The shares of a mix must not all be 0.", field="params.voice"
        )
    return tuple((name, weight / whole) for name, weight in weights.items())


def _voice_in(part: str) -> str:
    """Return the name in a part of a mix, without its share."""
    return re.split(r"[:(]", part.strip().lower(), maxsplit=1)[0]


def _language_of(language: str) -> KokoroLanguage:
    letter = letter_of(language)
    if letter is None:
        raise InvalidRequest(
            f"params.language: Kokoro does not speak {language!r}."
            f" {language_suggestion(language, TAGS.values(), also=LANGUAGES)}",
            field="params.language",
        )
    return KokoroLanguage(letter)
