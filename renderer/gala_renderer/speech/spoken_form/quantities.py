"""Money, percentages, and numbers with a unit or a multiplier."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from gala_renderer.speech.spoken_form.language import Currency, Noun, SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import (
    MINUS,
    NUMBER,
    Number,
    cardinal,
    counted,
    number_words,
    of_large,
    parsed,
)
from gala_renderer.speech.spoken_form.rule import START, Replacement, Rule, Spoken, part

_SPACE: Final = "[ \u00a0\u202f]?"
_AMOUNT: Final = (
    rf"(?P<minus>{MINUS})?(?:(?P<low>\d{{1,9}}(?:[.,]\d{{1,9}})?){_SPACE}[-\u2013]{_SPACE})?"
    rf"(?P<number>{NUMBER})"
)
_PER: Final = r"(?P<per>/(?=[^\W\d_]))?"
_CODES: Final = {
    "US$": "$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "BRL": "R$",
}  # fmt: skip
_FEW_LETTERS: Final = frozenset({2, 4, 8})
"""``4K`` is a size of pictures, not four thousand."""


def _alternatives(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language, the more special ones first."""
    signs = _alternatives([*_CODES, *language.currencies])
    large = _alternatives(language.multipliers)
    letters = _alternatives(sign for sign in language.multipliers if len(sign) <= 2)
    units = _alternatives(language.units)
    multiplier = rf"(?:{_SPACE}(?P<multiplier>{large})(?![^\W\d_]))?"
    before = rf"(?P<minus>{MINUS})?(?<!\w)(?P<sign>{signs}){_SPACE}"
    after = rf"{_SPACE}(?P<sign>{signs})(?!\w)"
    ends = r"(?![\w]|[.,]\d)"
    return (
        Rule(
            re.compile(
                rf"{before}(?:(?P<low>\d{{1,9}}(?:[.,]\d{{1,9}})?)[-\u2013])?"
                rf"(?P<number>{NUMBER}){multiplier}{ends}{_PER}"
            ),
            _say_money,
        ),
        Rule(
            re.compile(rf"{START}{_AMOUNT}(?:{_SPACE}(?P<multiplier>{large}))?{after}{_PER}"),
            _say_money,
        ),
        Rule(re.compile(rf"{START}{_AMOUNT}{_SPACE}(?P<sign>[%‰])"), _say_share),
        Rule(re.compile(rf"{START}{_AMOUNT}{_SPACE}(?P<unit>{units}){ends}{_PER}"), _say_unit),
        Rule(re.compile(rf"{START}{_AMOUNT}(?P<multiplier>{letters}){ends}"), _say_multiple),
        Rule(re.compile(r"(?<![\w$])(?P<sign>[€$£¥])(?![\w$])"), _say_currency),
    )


def _say_money(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    currency = language.currencies.get(_CODES.get(match["sign"], match["sign"]))
    number = parsed(match["number"], language)
    if currency is None or number is None:
        return None
    if match["multiplier"]:
        noun = language.multipliers[match["multiplier"]]
        spoken = _with_multiplier(number, noun, language)
        vowel = currency.unit.many[0].lower() in "aeiou"
        of = language.of_vowel if language.of_vowel and vowel else language.of_currency
        of = of if noun.one != noun.many else ""
        spoken = f"{spoken} {of}{currency.unit.many}"
    else:
        spoken = _amount(number, currency, language)
    end = match.start("per") if match["per"] else match.end()
    replaced = [Replacement(match.start(), end, _low(match, language) + spoken)]
    return replaced + ([part(match, "per", language.per)] if match["per"] else [])


def _say_currency(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    currency = language.currencies.get(match["sign"])
    return currency.unit.many if currency else None


def _amount(number: Number, currency: Currency, language: SpokenLanguage) -> str:
    cent = currency.cent
    if cent is None or len(number.decimals) != 2:
        spoken = number_words(number, language, currency.unit.gender)
        of = of_large(number, language)
        return f"{spoken} {of}{counted(number, currency.unit, language)}"
    whole, hundredths = Number(number.whole), Number(number.decimals)
    amount = (
        f"{number_words(whole, language, currency.unit.gender)}"
        f" {counted(whole, currency.unit, language)}"
    )
    if int(number.decimals) == 0:
        return amount
    cents_number = cardinal(int(number.decimals), language, cent.gender)
    cents = f"{cents_number} {counted(hundredths, cent, language)}"
    if int(number.whole) == 0:
        return cents
    return language.money.format(amount=amount, cents=cents, cents_number=cents_number)


def _with_multiplier(number: Number, noun: Noun, language: SpokenLanguage) -> str:
    if noun.one == noun.many and number.is_one and language.tag.startswith("es"):
        return noun.one
    return f"{number_words(number, language, noun.gender)} {counted(number, noun, language)}"


def _low(match: re.Match[str], language: SpokenLanguage) -> str:
    """Return the minus sign and the lower end of a range, with a space after them."""
    minus = f"{language.signs.minus} " if match["minus"] else ""
    number = parsed(match["low"], language) if match["low"] else None
    if number is None:
        return minus
    return f"{minus}{number_words(number, language)} {language.range_word} "


def _say_share(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    number = parsed(match["number"], language)
    if number is None:
        return None
    name = language.signs.percent if match["sign"] == "%" else language.signs.permille
    spoken = _low(match, language) + number_words(number, language)
    return [
        Replacement(match.start(), match.end("number"), spoken),
        part(match, "sign", name),
    ]


def _say_unit(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    number = parsed(match["number"], language)
    if number is None:
        return None
    unit = language.units[match["unit"]]
    spoken = _low(match, language) + number_words(number, language, unit.gender)
    replaced = [
        Replacement(match.start(), match.end("number"), spoken),
        part(match, "unit", of_large(number, language) + counted(number, unit, language)),
    ]
    return replaced + ([part(match, "per", language.per)] if match["per"] else [])


def _say_multiple(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    number = parsed(match["number"], language)
    size = match["multiplier"] == "K" and match["number"] in map(str, _FEW_LETTERS)
    if number is None or size:
        return None
    noun = language.multipliers[match["multiplier"]]
    return _low(match, language) + _with_multiplier(number, noun, language)
