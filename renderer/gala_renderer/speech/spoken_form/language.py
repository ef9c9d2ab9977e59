"""The table of a language: its words for what is written in signs and digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Gender(Enum):
    """The form of a number: counted by itself, or before a noun."""

    ALONE = 0
    MASCULINE = 1
    FEMININE = 2


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun: ``one`` kilometre, ``many`` kilometres."""

    one: str
    many: str
    gender: Gender = Gender.MASCULINE


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and its hundredth, if it has one in use."""

    unit: Noun
    cent: Noun | None = None


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(words.split())


def nouns(table: str, gender: Gender = Gender.MASCULINE) -> dict[str, Noun]:
    """Return the nouns of lines ``sign one|many``."""
    found: dict[str, Noun] = {}
    for line in table.strip().splitlines():
        signs, _, forms = line.strip().partition(" ")
        one, _, many = forms.partition("|")
        for sign in signs.split(";"):
            found[sign] = Noun(one, many or one, gender)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The names of signs."""

    minus: str
    plus: str
    equals: str
    times: str
    by: str
    """``x`` in ``1920x1080``."""
    conjunction: str
    """``&``."""
    at: str
    dot: str
    slash: str
    dash: str
    underscore: str
    colon: str
    question: str
    hash: str
    hashtag: str
    percent: str
    permille: str
    number: str
    """``№``."""
    version: str
    about: str
    """``~`` before a number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpokenLanguage:
    """All that the rules need to know about a language."""

    tag: str
    num2words: str
    decimal: str
    """The decimal sign; the other one of ``.`` and ``,`` groups thousands."""
    decimal_words: Mapping[str, str]
    """How each of the signs is read."""
    decimals_whole: bool
    """Whether decimals are read as a number (``catorce``), not digit by digit."""
    groups_by_space: bool
    signs: Signs
    range_word: str
    """Between the ends of a range."""
    per: str
    """``/`` before a unit."""
    out_of: str
    """``/`` in ``9/10``."""
    months: tuple[str, ...]
    date: str
    """``{day}`` and ``{month}``."""
    date_year: str
    month_first: bool = False
    date_words: frozenset[str] = frozenset()
    """Words before a date without a year: ``el``, ``on``."""
    day: Callable[[int], str] | None = None
    """The spoken day of a month; None is the number."""
    clock: Callable[[int, int, str], str]
    """The spoken time of hour, minute, and ``am``, ``pm`` or nothing."""
    hour_suffix: str = ""
    """A pattern of words after a time that ``clock`` already says."""
    seconds: Noun
    denominators: Mapping[int, Noun]
    halves: tuple[str, str] | None = None
    """How ``½`` is read alone and after a number."""
    currencies: Mapping[str, Currency]
    money: str
    """``{amount}`` and ``{cents}``, with their units."""
    multipliers: Mapping[str, Noun]
    """The words of ``M`` and ``k``, and of the words themselves."""
    of_currency: str
    """Between a large multiplier and the currency: ``de``."""
    of_vowel: str = ""
    """The same before a vowel, if it differs: ``d'``."""
    units: Mapping[str, Noun]
    abbreviations: Mapping[str, str]
    letters: Mapping[str, str] = field(default_factory=dict)
    """The names of letters that engines do not read as letters when they stand alone."""
    letter_joint: str = " "
    """Between spelled letters. English has a hyphen: its single ``A`` is read as the article."""
    spelled: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    """Acronyms that are read as words although they do not look like one."""
    short_words: bool
    """Whether acronyms of three letters that can be pronounced are words."""
    regnal: Callable[[int, str], str]
    """The number after a name or noun: of a king, a century, a chapter."""
    regnal_nouns: frozenset[str]
    inflect: Callable[[str, Gender], str]
    """The form of a cardinal number before a noun."""
    gender_of: Callable[[str], Gender]
    """The gender of a noun after a number, as far as it can be seen."""
    ordinal: Callable[[int, str], str]
    """The ordinal number with the written ending."""
    ordinal_endings: str
    """A pattern of the endings of ordinal numbers."""
    ordinal_before: Callable[[int, str], str] | None = None
    """German: the ordinal number after the word before it."""
    feminine_before: frozenset[str] = frozenset()
    """Words after which a number is feminine (``a la 1``)."""
    singular_below_two: bool = False
    """Whether nouns are singular after ``1,5``."""
    year: Callable[[int], str] | None = None
    """How a bare number of four digits is read, if not as any number."""
    without_and: bool = False
    """American English: ``one hundred one``."""

    def spelling(self, letters: str) -> str:
        """Return the names of letters, to be read one by one."""
        return self.letter_joint.join(self.letters.get(letter, letter) for letter in letters)
