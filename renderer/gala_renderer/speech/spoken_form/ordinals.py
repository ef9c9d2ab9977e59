"""Ordinal numbers, and Roman numerals after names and nouns that are numbered."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.rule import (
    START,
    Rule,
    Spoken,
    next_word,
    part,
    previous_word,
)

_ROMAN: Final = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_SMALL: Final = frozenset("IVX")
"""Only with these a letter may follow: ``Le`` is no numeral."""
_VERBS_AFTER_I: Final = frozenset(("", "of", "was", "and", "died", "ruled", "reigned", "is"))


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language."""
    return (
        Rule(
            re.compile(
                rf"{START}(?P<number>\d{{1,4}})(?P<ending>{language.ordinal_endings})(?!\w)"
            ),
            _say_ordinal,
        ),
        Rule(
            re.compile(r"(?<!\w)(?P<roman>[IVXLCDM]{1,9})(?P<ending>er|e|ème|\.)?(?!\w)"),
            _say_roman,
        ),
    )


def _say_ordinal(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    number = int(match["number"])
    if number == 0:
        return None
    if language.ordinal_before is not None:
        return language.ordinal_before(number, previous_word(match))
    return language.ordinal(number, match["ending"].lstrip("."))


def roman_value(text: str) -> int | None:
    """Return the value of a Roman numeral; None if it is not well formed."""
    if not text or _ROMAN.fullmatch(text) is None:
        return None
    values = [_VALUES[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _ordinal(value: int, ending: str, following: str, language: SpokenLanguage) -> str | None:
    """Return the ordinal number of French ``XIVe`` and Italian ``XIV secolo``."""
    if language.tag == "fr" and ending in {"e", "er", "ème"}:
        return language.ordinal(value, ending)
    if language.tag == "it" and following in {"secolo", "edizione"}:
        return language.ordinal(value, "a" if following == "edizione" else "")
    return None


def _is_pronoun(before: str, following: str, language: SpokenLanguage) -> bool:
    return language.tag.startswith("en") and (before.islower() or following not in _VERBS_AFTER_I)


def _say_roman(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    value = roman_value(match["roman"])
    if value is None:
        return None
    ending = match["ending"] or ""
    if ending.isalpha() and not set(match["roman"]) <= _SMALL:
        return None
    following = next_word(match)
    ordinal = _ordinal(value, ending, following, language)
    if ordinal is not None:
        return ordinal
    before = previous_word(match)
    numbered = {before, before.lower()} & language.regnal_nouns
    if not numbered or (match["roman"] == "I" and _is_pronoun(before, following, language)):
        return None
    dotted = ending == "." and language.ordinal_before is not None and following
    spoken = language.regnal(value, before)
    if dotted or ending not in {"", "."}:
        return spoken
    return [part(match, "roman", spoken)]
