"""Numbers: their written forms by language, and their words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from num2words import num2words

from gala_renderer.speech.spoken_form.language import Gender, Noun, SpokenLanguage
from gala_renderer.speech.spoken_form.rule import END, START, Rule, Spoken, next_word, previous_word

_SPACES: Final = " \u00a0\u202f"
NUMBER: Final = (
    rf"(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}}){{1,5}}(?:[.,]\d{{1,12}})?(?![\d]|[.,]\d)"
    r"|\d{1,18}(?:[.,]\d{1,18}|['\u2019]\d{3}(?!\d)){0,6})"
)
MINUS: Final = r"(?<![\w)])[-\u2212]"
_LONGEST_WORD_DIGITS: Final = 12
"""Numbers with more digits are read digit by digit."""
_FULL_GROUPS: Final = re.compile(r"\d{1,3}(?:(?P<sign>[.,'\u2019])\d{3})(?:(?P=sign)\d{3}){0,5}")
_FIRST_YEAR, _LAST_YEAR = 1100, 2099


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: its digits, its decimals, and the sign between them."""

    whole: str
    decimals: str = ""
    sign: str = ""

    @property
    def is_one(self) -> bool:
        """True if nouns after it are singular."""
        return not self.decimals and int(self.whole) == 1


def parsed(text: str, language: SpokenLanguage) -> Number | None:
    """Return the number that a text means in a language; None if it is no number (``1.2.3``)."""
    plain = re.sub(rf"[{_SPACES}'\u2019]", "", text)
    signs = [character for character in plain if character in ".,"]
    if not signs:
        if " " in text and not language.groups_by_space:
            return None
        return Number(plain)
    kinds = set(signs)
    head, _, tail = plain.rpartition(signs[-1])
    if len(kinds) == 2:
        grouped = _FULL_GROUPS.fullmatch(head)
        decimal = signs.count(signs[-1]) == 1 and grouped is not None
        return Number(re.sub(r"\D", "", head), tail, signs[-1]) if decimal else None
    groups = _FULL_GROUPS.fullmatch(plain) is not None and not plain.startswith("0")
    if len(signs) > 1:
        return Number(re.sub(r"\D", "", plain)) if groups else None
    if groups and signs[0] != language.decimal and " " not in text:
        return Number(head + tail)
    return Number(head, tail, signs[0])


@lru_cache(4096)
def _words(value: int, code: str, kind: str) -> str:
    spoken: str = num2words(value, lang=code, to=kind)
    return spoken.replace(",", "")


def cardinal(value: int, language: SpokenLanguage, gender: Gender = Gender.ALONE) -> str:
    """Return the words of a number, in the form that it has before a noun of that gender."""
    if value >= 10**_LONGEST_WORD_DIGITS:
        return digits(str(value), language)
    spoken = _words(value, language.num2words, "cardinal")
    if language.without_and:
        spoken = spoken.replace(" and ", " ")
    return language.inflect(spoken, gender)


def cardinal_words(value: int, code: str) -> str:
    """Return the basic form of a cardinal number."""
    return _words(value, code, "cardinal")


def ordinal_words(value: int, code: str) -> str:
    """Return the basic form of an ordinal number."""
    return _words(value, code, "ordinal")


def year_words(value: int, code: str) -> str:
    """Return the words of a year."""
    return _words(value, code, "year")


def year(value: int, language: SpokenLanguage) -> str:
    """Return the words of a year."""
    if language.year is not None and _FIRST_YEAR <= value <= _LAST_YEAR:
        return language.year(value)
    return cardinal(value, language)


def digits(text: str, language: SpokenLanguage) -> str:
    """Return the digits of a text, one by one."""
    return " ".join(
        _words(int(character), language.num2words, "cardinal")
        for character in text
        if character.isdecimal()
    )


def number_words(number: Number, language: SpokenLanguage, gender: Gender = Gender.ALONE) -> str:
    """Return the words of a number with its decimals."""
    if len(number.whole) > _LONGEST_WORD_DIGITS:
        whole = digits(number.whole, language)
    else:
        alone = Gender.ALONE if number.decimals else gender
        whole = cardinal(int(number.whole), language, alone)
    if not number.decimals:
        return whole
    point = language.decimal_words[number.sign]
    return f"{whole} {point} {_decimals(number.decimals, language)}"


def _decimals(written: str, language: SpokenLanguage) -> str:
    if not language.decimals_whole or len(written) > 2 or written.startswith("0"):
        return digits(written, language)
    return cardinal(int(written), language)


def of_large(number: Number, language: SpokenLanguage) -> str:
    """Return the word between a number that ends with a million and its noun."""
    whole = number.whole.lstrip("0")
    return language.of_currency if whole.endswith("000000") and not number.decimals else ""


def counted(number: Number, noun: Noun, language: SpokenLanguage) -> str:
    """Return the form of a noun after a number."""
    few = language.singular_below_two and int(number.whole) < 2
    return noun.one if number.is_one or few else noun.many


def bare(text: str, language: SpokenLanguage, gender: Gender = Gender.ALONE) -> str | None:
    """Return the words of a written number without a unit; None if it is no number."""
    number = parsed(text, language)
    if number is None:
        return None
    if text.isdecimal() and len(text) > 1 and text.startswith("0"):
        return digits(text, language)
    if text.isdecimal() and len(text) == 4 and _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        return language.inflect(year(int(text), language), gender)
    return number_words(number, language, gender)


def _say_number(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    gender = language.gender_of(next_word(match))
    if gender is Gender.ALONE and previous_word(match).lower() in language.feminine_before:
        gender = Gender.FEMININE
    spoken = bare(match["number"], language, gender)
    if spoken is None:
        spoken = _sequence(match["number"], language)
    number = parsed(match["number"], language)
    if number is not None and gender is not Gender.ALONE:
        spoken = f"{spoken} {of_large(number, language)}".strip()
    return f"{language.signs.minus} {spoken}" if match["minus"] else spoken


def _sequence(text: str, language: SpokenLanguage) -> str:
    """Return the words of numbers with signs between them, such as ``192.168.0.1``."""
    pieces: list[str] = []
    for piece in re.split(rf"([.,'\u2019{_SPACES}])", text):
        if piece in {".", ","}:
            pieces.append(language.decimal_words[piece])
        elif piece.isdecimal():
            pieces.append(cardinal(int(piece), language))
    return " ".join(pieces)


def _say_long(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return digits(match[0], language)


def _say_with_letter(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    letter = match["letter"].upper()
    return f"{cardinal(int(match['number']), language)} {language.letters.get(letter, letter)}"


def _say_version(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    numbers = [cardinal(int(number), language) for number in match["number"].split(".")]
    point = f" {language.decimal_words['.']} "
    return f"{language.signs.version} {point.join(numbers)}"


VERSIONS: Final = (
    Rule(
        re.compile(rf"(?<!\w)[vV]\.?(?P<number>\d{{1,6}}(?:\.\d{{1,6}}){{1,4}}){END}"), _say_version
    ),
)
NUMBERS: Final = (
    Rule(re.compile(r"(?<!\w)\d{19,}+(?!\w)"), _say_long),
    Rule(re.compile(rf"{START}(?P<minus>{MINUS})?(?P<number>{NUMBER}){END}"), _say_number),
    Rule(re.compile(rf"{START}(?P<number>\d{{1,4}})(?P<letter>[A-Za-z]){END}"), _say_with_letter),
)
