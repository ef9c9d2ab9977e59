"""Grapheme-to-phoneme conversion for Kokoro, sentence by sentence, in all its languages.

Imports misaki, so it must only be used in the process with the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final, Protocol

from gala.errors import EngineMissing
from gala.installation import install_hint
from gala_renderer.speech.kokoro.token_alignment import NO_WORD, is_sound, owners
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.word_tokens import Span

SPACY_MODEL: Final = "en_core_web_sm"
_SWITCH: Final = re.compile(r"\([a-z]{2,3}(?:-[a-z]{2,4})?\)")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]|[A-Za-z]")
_LONG_NUMBER: Final = re.compile(r"[0-9]{10,}")
"""Numbers with this many digits are read digit by digit."""
_CACHED_WORDS: Final = 4096

_ESPEAK: Final = {
    KokoroLanguage.SPANISH: "es",
    KokoroLanguage.FRENCH: "fr-fr",
    KokoroLanguage.HINDI: "hi",
    KokoroLanguage.ITALIAN: "it",
    KokoroLanguage.BRAZILIAN: "pt-br",
}


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """The phonemes of a text, and for each symbol the index of its written word.

    The index is ``NO_WORD`` for pauses.
    """

    symbols: str
    owners: tuple[int, ...]

    def only(self, known: frozenset[str]) -> Pronunciation:
        """Return only the symbols that a model knows, without spaces at the ends."""
        pairs = [pair for pair in zip(self.symbols, self.owners, strict=True) if pair[0] in known]
        while pairs and pairs[-1][0].isspace():
            pairs.pop()
        while pairs and pairs[0][0].isspace():
            pairs.pop(0)
        return Pronunciation(
            "".join(symbol for symbol, _ in pairs), tuple(owner for _, owner in pairs)
        )


class Pronouncer(Protocol):
    """Converts text of one language to phonemes."""

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """Return the pronunciation of a sentence; ``words`` are the spans of its words."""


class AlignedPronouncer:
    """Wraps a pronouncer of strings; also pronounces words separately, to find their phonemes."""

    def __init__(self, pronounce: Callable[[str], str]):
        self._pronounce = pronounce
        self._alone = lru_cache(_CACHED_WORDS)(pronounce)

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """Pronounce the whole sentence, for its intonation, then assign phonemes to words."""
        whole = self._pronounce(" ".join(text.split()))
        alone = [self._alone(text[start:end]) for start, end in words]
        return Pronunciation(whole, tuple(owners(whole, alone)))


class MisakiEnglish:
    """misaki's own English, which is better with homographs; it needs the spaCy model."""

    def __init__(self, *, british: bool):
        from misaki import en, espeak  # noqa: PLC0415 - loads spaCy

        fallback = espeak.EspeakFallback(british=british)
        self._g2p = en.G2P(british=british, fallback=fallback, unk="")

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """Return the pronunciation from misaki's tokens."""
        # Without preprocessing, which interprets [text](/sounds/) as markup.
        _, tokens = self._g2p(text, preprocess=False)
        return from_tokens(text, words, tokens)


def from_tokens(text: str, words: Sequence[Span], tokens: Sequence[Any]) -> Pronunciation:
    """Return the pronunciation of misaki's tokens (``text``, ``whitespace``, ``phonemes``)."""
    symbols: list[str] = []
    word_indices: list[int] = []
    at, index = 0, 0
    for token in tokens:
        at = max(at, text.find(token.text, at))
        while index + 1 < len(words) and at >= words[index + 1][0]:
            index += 1
        for symbol in token.phonemes or "":
            symbols.append(symbol)
            word_indices.append(index if words and is_sound(symbol) else NO_WORD)
        if token.whitespace:
            symbols.append(" ")
            word_indices.append(NO_WORD)
        at += len(token.text)
    return Pronunciation("".join(symbols), tuple(word_indices))


def pronouncer(tongue: KokoroLanguage) -> Pronouncer:
    """Return the best installed pronouncer. Raise ``ModuleNotFoundError`` if there is none."""
    if tongue in _ESPEAK:
        return AlignedPronouncer(_espeak(_ESPEAK[tongue]))
    if tongue is KokoroLanguage.JAPANESE:
        return AlignedPronouncer(_japanese())
    if tongue is KokoroLanguage.MANDARIN:
        return AlignedPronouncer(_mandarin())
    british = tongue is KokoroLanguage.BRITISH
    return (
        MisakiEnglish(british=british)
        if find_spec(SPACY_MODEL)
        else AlignedPronouncer(_english(british=british))
    )


def _espeak(language: str) -> Callable[[str], str]:
    from misaki.espeak import EspeakG2P  # noqa: PLC0415 - see the module's docstring

    g2p = EspeakG2P(language=language)
    return lambda text: str(g2p(text)[0])


def _english(*, british: bool) -> Callable[[str], str]:
    # Not EspeakG2P: the fallback converts espeak-ng's phonemes to the notation of misaki's
    # dictionary, on which Kokoro was trained (`ɹ` for `r`, no long marks in American).
    from misaki.espeak import EspeakFallback  # noqa: PLC0415

    fallback = EspeakFallback(british=british)

    def pronounce(text: str) -> str:
        phonemes, _ = fallback(_Text(text))
        return _SWITCH.sub("", phonemes or "")

    return pronounce


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@contextmanager
def _extra(language: str, extra: str) -> Iterator[None]:
    """Raise ``EngineMissing`` naming the extra if a package is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise EngineMissing(
            f"Kokoro's {language} needs the package {error.name}: {install_hint(extra)}."
        ) from error


def _japanese() -> Callable[[str], str]:
    with _extra("Japanese", "kokoro-japanese"):
        from misaki.ja import JAG2P  # noqa: PLC0415
    g2p = JAG2P()
    return _with_english(lambda text: str(g2p(_with_ascii_digits(text))[0]) if text.strip() else "")


def _with_ascii_digits(text: str) -> str:
    """Return the text with ASCII digits; misaki's Japanese fails on other digits."""
    plain = "".join(
        character if (value := unicodedata.decimal(character, None)) is None else str(value)
        for character in text
    )
    return _LONG_NUMBER.sub(lambda number: " ".join(number[0]), plain)


def _mandarin() -> Callable[[str], str]:
    with _extra("Chinese", "kokoro-chinese"):
        from misaki.zh import ZHG2P  # noqa: PLC0415
    g2p = ZHG2P()
    return _with_english(lambda text: str(g2p(text)[0]) if text.strip() else "")


def _with_english(pronounce: Callable[[str], str]) -> Callable[[str], str]:
    """Pronounce Latin letters in the text as English; misaki would read them as phonemes."""
    english = _english(british=False)

    def mixed(text: str) -> str:
        parts: list[str] = []
        at = 0
        for match in _LATIN.finditer(text):
            parts += [pronounce(text[at : match.start()]), " ", english(match[0]), " "]
            at = match.end()
        return "".join([*parts, pronounce(text[at:])])

    return mixed
