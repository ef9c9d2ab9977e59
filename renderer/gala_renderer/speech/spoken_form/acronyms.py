"""Abbreviations, and acronyms that are spelled (``UN``), not read as a word (``NASA``)."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.ordinals import roman_value
from gala_renderer.speech.spoken_form.rule import Rule, Spoken, next_word, previous_word

_CAPITALS: Final = "A-ZÁÉÍÓÚÀÈÌÒÙÂÊÔÃÕÄÖÜÇÑ"
_VOWELS: Final = "AEIOUYÁÉÍÓÚÀÈÌÒÙÂÊÔÃÕÄÖÜ"
_TWO_CONSONANTS: Final = re.compile(rf"^[^{_VOWELS}]{{2}}|[^{_VOWELS}]{{3}}|[{_VOWELS}]{{3}}")
_ENDS: Final = frozenset({"etc.", "usw.", "ecc."})
_OPEN_ENDINGS: Final = frozenset("LRNSMDTPZXCKGBF" + _VOWELS)


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language."""
    listed = sorted(language.abbreviations, key=len, reverse=True)
    pattern = "|".join(re.escape(text).replace(r"\ ", "[ \u00a0]") for text in listed)
    return (
        Rule(re.compile(rf"(?<![\w.])(?:{pattern})(?!\w)"), _say_abbreviation),
        Rule(
            re.compile(rf"(?<![\w.])(?P<letters>[{_CAPITALS}]{{2,6}})(?P<plural>s)?(?![\w])"),
            _say_acronym,
        ),
    )


def _say_abbreviation(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    spoken = language.abbreviations[match[0].replace("\u00a0", " ")]
    after = match.string[match.end() : match.end() + 3].lstrip()
    ends_sentence = match[0] in _ENDS and (not after or after[0].isupper())
    return f"{spoken}." if ends_sentence else spoken


def _say_acronym(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    letters = match["letters"]
    if _shouted(match) or not _spelled(letters, language):
        return None
    spoken = language.spelling(letters)
    return f"{spoken}'s" if match["plural"] and language.tag.startswith("en") else spoken


def _shouted(match: re.Match[str]) -> bool:
    """Return True if a neighbour is in capitals too: a heading, not an acronym."""
    neighbours = (previous_word(match), next_word(match))
    return any(len(word) > 1 and word.isalpha() and word.isupper() for word in neighbours)


def _spelled(letters: str, language: SpokenLanguage) -> bool:
    if letters in language.words:
        return False
    if letters in language.spelled:
        return True
    if roman_value(letters) is not None and set(letters) <= set("IVX"):
        return False
    if not set(letters) & set(_VOWELS) or len(letters) == 2:
        return True
    if len(letters) == 3 and not language.short_words:
        return True
    return _TWO_CONSONANTS.search(letters) is not None or letters[-1] not in _OPEN_ENDINGS
