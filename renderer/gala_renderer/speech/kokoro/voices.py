"""The languages and voices of Kokoro-82M, and their names in requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gala.errors import InvalidRequest
from gala.name_suggestions import VOICE_LISTING, language_suggestion, suggestion
from gala.render_types.params.kokoro_voices import LANGUAGES, VOICES, letter_of, shares_of
from gala_renderer.speech.protocol import Voice


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

_TITLES: Final[Mapping[KokoroLanguage, str]] = {
    KokoroLanguage.AMERICAN: "American English",
    KokoroLanguage.BRITISH: "British English",
    KokoroLanguage.SPANISH: "Spanish",
    KokoroLanguage.FRENCH: "French",
    KokoroLanguage.HINDI: "Hindi",
    KokoroLanguage.ITALIAN: "Italian",
    KokoroLanguage.JAPANESE: "Japanese",
    KokoroLanguage.BRAZILIAN: "Brazilian Portuguese",
    KokoroLanguage.MANDARIN: "Mandarin Chinese",
}
_GENDERS: Final = {"f": "female", "m": "male"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The language and the mix of voices, with shares that add up to 1."""

    tongue: KokoroLanguage
    shares: tuple[tuple[str, float], ...]


def described(name: str) -> Voice:
    """Return the public description of a voice."""
    tongue, gender = KokoroLanguage(name[0]), _GENDERS[name[1]]
    return Voice(
        name=name,
        language=TAGS[tongue],
        gender=gender,
        title=name.partition("_")[2].capitalize(),
        description=f"{_TITLES[tongue]}, {gender}",
    )


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names by language, known voices in the documented order, then the operator's own."""
    ranks = {name: rank for rank, name in enumerate(VOICES)}
    return tuple(sorted(names, key=lambda name: (name[0], ranks.get(name, len(ranks)), name)))


def alternating(voices: Iterable[Voice]) -> tuple[Voice, ...]:
    """Return the voices so that those of one gender follow those of the other, each in order."""
    seen: Counter[str | None] = Counter()
    ranked = []
    for number, voice in enumerate(voices):
        ranked.append((seen[voice.gender], number, voice))
        seen[voice.gender] += 1
    return tuple(voice for _, _, voice in sorted(ranked, key=lambda one: one[:2]))


def language_of(tag: str) -> KokoroLanguage | None:
    """Return the language of a BCP 47 tag; None if Kokoro does not speak it."""
    letter = letter_of(tag)
    return None if letter is None else KokoroLanguage(letter)


def chosen(voice: str | None, language: str | None, available: Iterable[str]) -> Choice:
    """Resolve a request's voice and language with the available voices.

    A voice may be a mix (:func:`gala.render_types.params.kokoro_voices.shares_of`).
    The default language is that of the first voice; the default voice is the language's first.
    Raise ``InvalidRequest`` naming ``params.voice`` or ``params.language`` and the valid values.
    """
    names = in_order(available)
    shares = shares_of(voice, names) if voice else None
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


def _language_of(language: str) -> KokoroLanguage:
    known = language_of(language)
    if known is None:
        raise InvalidRequest(
            f"params.language: Kokoro does not speak {language!r}."
            f" {language_suggestion(language, TAGS.values(), also=LANGUAGES)}",
            field="params.language",
        )
    return known
