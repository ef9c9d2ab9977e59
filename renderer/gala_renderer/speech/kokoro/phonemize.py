"""From text to the sounds that Kokoro was taught, sentence by sentence, in every language.

Imports misaki, so it belongs into the process with the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final, Protocol

from gala_renderer.speech.kokoro.token_alignment import NO_WORD, is_sound, owners
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.word_tokens import Span

SPACY_MODEL: Final = "en_core_web_sm"
_SWITCH: Final = re.compile(r"\([a-z]{2,3}(?:-[a-z]{2,4})?\)")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]|[A-Za-z]")
_LONG_NUMBER: Final = re.compile(r"[0-9]{10,}")
"""Read figure by figure."""
_WORDS_KEPT: Final = 4096

_ESPEAK: Final = {
    KokoroLanguage.SPANISH: "es",
    KokoroLanguage.FRENCH: "fr-fr",
    KokoroLanguage.HINDI: "hi",
    KokoroLanguage.ITALIAN: "it",
    KokoroLanguage.BRAZILIAN: "pt-br",
}


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """A stretch of text as it is spoken: one symbol each, and whose word it belongs to.

    Owners are indices of written words, or ``NO_WORD`` for pauses.
    """

    symbols: str
    owners: tuple[int, ...]

    def only(self, known: frozenset[str]) -> Pronunciation:
        """What a model can read of it, without spaces at the ends."""
        pairs = [pair for pair in zip(self.symbols, self.owners, strict=True) if pair[0] in known]
        while pairs and pairs[-1][0].isspace():
            pairs.pop()
        while pairs and pairs[0][0].isspace():
            pairs.pop(0)
        return Pronunciation(
            "".join(symbol for symbol, _ in pairs), tuple(owner for _, owner in pairs)
        )


class Pronouncer(Protocol):
    """Knows how a language is spoken."""

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """How a sentence sounds; ``words`` are where its written words stand."""


class AlignedPronouncer:
    """Any pronouncer of strings: words are found by pronouncing them alone, too."""

    def __init__(self, pronounce: Callable[[str], str]):
        self._pronounce = pronounce
        self._alone = lru_cache(_WORDS_KEPT)(pronounce)

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """The sentence at once, for its melody; then whose sound is whose."""
        whole = self._pronounce(" ".join(text.split()))
        alone = [self._alone(text[start:end]) for start, end in words]
        return Pronunciation(whole, tuple(owners(whole, alone)))


class MisakiEnglish:
    """misaki's own English, better with homographs; it needs the spaCy model."""

    def __init__(self, *, british: bool):
        from misaki import en, espeak  # noqa: PLC0415 - loads spaCy

        fallback = espeak.EspeakFallback(british=british)
        self._g2p = en.G2P(british=british, fallback=fallback, unk="")

    def sounds(self, text: str, words: Sequence[Span]) -> Pronunciation:
        """Its tokens stand in the text one after the other."""
        # Without preprocessing, which would take [text](/sounds/) for a command.
        _, tokens = self._g2p(text, preprocess=False)
        return from_tokens(text, words, tokens)


def from_tokens(text: str, words: Sequence[Span], tokens: Sequence[Any]) -> Pronunciation:
    """The sounds of misaki's tokens (``text``, ``whitespace``, ``phonemes``)."""
    symbols: list[str] = []
    theirs: list[int] = []
    at, index = 0, 0
    for token in tokens:
        at = max(at, text.find(token.text, at))
        while index + 1 < len(words) and at >= words[index + 1][0]:
            index += 1
        for symbol in token.phonemes or "":
            symbols.append(symbol)
            theirs.append(index if words and is_sound(symbol) else NO_WORD)
        if token.whitespace:
            symbols.append(" ")
            theirs.append(NO_WORD)
        at += len(token.text)
    return Pronunciation("".join(symbols), tuple(theirs))


def pronouncer(tongue: KokoroLanguage) -> Pronouncer:
    """The best one that is installed; raises ``ModuleNotFoundError`` for what is not."""
    if tongue in _ESPEAK:
        return AlignedPronouncer(_foreign(_ESPEAK[tongue]))
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


def _foreign(language: str) -> Callable[[str], str]:
    from misaki.espeak import EspeakG2P  # noqa: PLC0415 - see the module's docstring

    g2p = EspeakG2P(language=language)
    return lambda text: str(g2p(text)[0])


def _english(*, british: bool) -> Callable[[str], str]:
    # Not EspeakG2P: the fallback writes espeak-ng's sounds as misaki's dictionary, which Kokoro
    # was trained on, writes them (`ɹ` for `r`, no long marks in American).
    from misaki.espeak import EspeakFallback  # noqa: PLC0415

    fallback = EspeakFallback(british=british)

    def pronounce(text: str) -> str:
        told, _ = fallback(_Text(text))
        return _SWITCH.sub("", told or "")

    return pronounce


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


def _japanese() -> Callable[[str], str]:
    from misaki.ja import JAG2P  # noqa: PLC0415

    g2p = JAG2P()
    return _with_english(lambda text: str(g2p(_plain_figures(text))[0]) if text.strip() else "")


def _plain_figures(text: str) -> str:
    """Figures as misaki's Japanese knows them: any others end it with an error of Python's."""
    plain = "".join(
        character if (value := unicodedata.decimal(character, None)) is None else str(value)
        for character in text
    )
    return _LONG_NUMBER.sub(lambda number: " ".join(number[0]), plain)


def _mandarin() -> Callable[[str], str]:
    from misaki.zh import ZHG2P  # noqa: PLC0415

    g2p = ZHG2P()
    return _with_english(lambda text: str(g2p(text)[0]) if text.strip() else "")


def _with_english(pronounce: Callable[[str], str]) -> Callable[[str], str]:
    """Latin letters in the middle of the text are English; misaki would spell them as sounds."""
    english = _english(british=False)

    def mixed(text: str) -> str:
        spoken: list[str] = []
        at = 0
        for match in _LATIN.finditer(text):
            spoken += [pronounce(text[at : match.start()]), " ", english(match[0]), " "]
            at = match.end()
        return "".join([*spoken, pronounce(text[at:])])

    return mixed
