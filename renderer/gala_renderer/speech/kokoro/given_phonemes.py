"""Phonemes of the IPA, given by a user, in the notation that Kokoro was trained on. Pure."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from gala.render_types.params.ipa import LETTERS
from gala.render_types.params.voice import can_be_spoken
from gala_renderer.speech.ipa import with_stress_at_vowels
from gala_renderer.speech.kokoro.phonemize import Pronouncer, Pronunciation
from gala_renderer.speech.kokoro.token_alignment import NO_WORD
from gala_renderer.speech.kokoro.vocabulary import NUMBERS
from gala_renderer.speech.kokoro.voices import KokoroLanguage
from gala_renderer.speech.protocol import IpaStretch
from gala_renderer.speech.word_tokens import Span

_LETTERS_OF_SEVERAL: Final = {
    "tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ",
    "aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y",
}  # fmt: skip
"""Kokoro's single letters for affricates and diphthongs, as misaki writes them."""
_NEAREST: Final = {
    "ɘ": "ə", "ɵ": "ə", "ʉ": "u", "ɞ": "ɜ", "ɶ": "œ", "ʏ": "y", "ɝ": "ɜɹ", "ᵿ": "ʊ",
    "ʙ": "b", "ʟ": "l", "ɭ": "l", "ɮ": "l", "ɬ": "l", "ɫ": "l", "ʍ": "w", "ħ": "h", "ʜ": "h",
    "ɦ": "h", "ɧ": "ʃ", "ʕ": "ʔ", "ʢ": "ʔ", "ʡ": "ʔ", "ɱ": "m", "ɢ": "ɡ", "ʛ": "ɡ", "ɠ": "ɡ",
    "ɓ": "b", "ɗ": "d", "ʄ": "ɟ", "ʀ": "ʁ", "ⱱ": "v", "ɺ": "ɾ", "ʑ": "ʒ", "ʐ": "ʒ", "ʘ": "p",
    "\u0329": "ᵊ",
    "˧˥": "↗", "˨˩˦": "↓", "˥˩": "↘", "˥": "→",
}  # fmt: skip
"""What is nearest to symbols that Kokoro does not know."""
_ENGLISH: Final = {
    "r": "ɹ",
    "e": "ɛ",
    "o": "ɔ",
    "ʲ": "",
    "ɬ": "l",
    "x": "k",
    "ç": "k",
    "\u0303": "",
}
_OF_LANGUAGE: Final[Mapping[KokoroLanguage, Mapping[str, str]]] = {
    KokoroLanguage.AMERICAN: {
        **_ENGLISH, "ɜːɹ": "ɜɹ", "ɜːr": "ɜɹ", "ɜː": "ɜɹ", "ɝː": "ɜɹ", "ɚ": "əɹ", "əʊ": "O",
        "ɒ": "ɑ", "ɒː": "ɑ", "a": "æ", "ɐ": "ə", "ɾ": "T", "ː": "",
    },
    KokoroLanguage.BRITISH: {**_ENGLISH, "oʊ": "Q", "ɚ": "ə", "æ": "a", "eə": "ɛː"},
}  # fmt: skip
"""The dialects of English have fewer symbols than the model."""
_SYLLABIC: Final = re.compile(f"([{''.join(LETTERS)}])\u0329")


def kokoro_symbols(ipa: str, tongue: KokoroLanguage) -> str:
    """Return the symbols of Kokoro for a normalized transcription; the nearest where it has none.

    What has no likeness, such as most diacritics, is left out.
    """
    table = _table(tongue)
    plain = _SYLLABIC.sub("\u0329\\1", with_stress_at_vowels(ipa))
    parts = (table.get(unit, unit) for unit in _units(tongue).findall(plain))
    return "".join(symbol for part in parts for symbol in part if symbol in NUMBERS)


@cache
def _table(tongue: KokoroLanguage) -> Mapping[str, str]:
    return {**_LETTERS_OF_SEVERAL, **_NEAREST, **_OF_LANGUAGE.get(tongue, {})}


@cache
def _units(tongue: KokoroLanguage) -> re.Pattern[str]:
    longest_first = sorted(_table(tongue), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, longest_first), "."]), re.DOTALL)


@dataclass(frozen=True, slots=True)
class GivenPhonemes:
    """Pronounces parts of a text as given, and leaves the rest to a pronouncer."""

    pronouncer: Pronouncer
    tongue: KokoroLanguage
    given: Sequence[IpaStretch]

    def sounds(self, text: str, words: Sequence[Span], begin: int) -> Pronunciation:
        """Return the pronunciation of a sentence that starts at ``begin`` of the whole text.

        ``words`` are the spans of its words within the sentence.
        """
        if not self.given:
            return self.pronouncer.sounds(text, words)
        found, at = _Sounds(), 0
        for one in self.given:
            start, end = one.start - begin, one.end - begin
            if start < at or end > len(text):
                continue
            self._add_text(found, text, words, (at, start))
            owner = next((index for index, word in enumerate(words) if word[1] > start), NO_WORD)
            found.add(kokoro_symbols(one.ipa, self.tongue), owner)
            at = end
        self._add_text(found, text, words, (at, len(text)))
        return Pronunciation("".join(found.symbols), tuple(found.owners))

    def _add_text(
        self, found: _Sounds, text: str, words: Sequence[Span], stretch: tuple[int, int]
    ) -> None:
        """Add a stretch of the text; the pronouncer gets it without signs at its ends."""
        start, end = stretch
        spoken = [at for at in range(start, end) if can_be_spoken(text[at])]
        first = spoken[0] if spoken and start > 0 else start
        last = spoken[-1] + 1 if spoken and end < len(text) else end if spoken else start
        found.add(text[start:first], NO_WORD)
        if first < last:
            inside = [
                (index, (max(word[0], first) - first, min(word[1], last) - first))
                for index, word in enumerate(words)
                if word[0] < last and word[1] > first
            ]
            sounds = self.pronouncer.sounds(text[first:last], [span for _, span in inside])
            for symbol, owner in zip(sounds.symbols, sounds.owners, strict=True):
                found.add(symbol, NO_WORD if owner == NO_WORD else inside[owner][0])
        found.add(text[last:end], NO_WORD)


class _Sounds:
    """Symbols and their owners, as they are collected."""

    def __init__(self) -> None:
        self.symbols: list[str] = []
        self.owners: list[int] = []

    def add(self, symbols: str, owner: int) -> None:
        """Add symbols of a word."""
        for symbol in symbols:
            self.symbols.append(" " if symbol.isspace() else symbol)
            self.owners.append(owner)
