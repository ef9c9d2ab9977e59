"""Fractions, ranges, scores, and decades."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import Gender, SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import (
    NUMBER,
    Number,
    bare,
    cardinal,
    counted,
    parsed,
    year,
)
from gala_renderer.speech.spoken_form.rule import END, START, Rule, Spoken

_SIGNS: Final = {
    "½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅕": (1, 5), "⅛": (1, 8),
}  # fmt: skip
_NAMED: Final = {
    ("en", "9", "11"),
    *((tag, "24", "7") for tag in ("de", "en", "es", "fr", "it", "pt")),
}
"""Names that are read as two numbers, such as 24/7."""


def _fraction(over: int, under: int, language: SpokenLanguage) -> str:
    if (over, under) == (1, 2) and language.halves is not None:
        return language.halves[0]
    noun = language.denominators[under]
    over_words = cardinal(over, language, Gender.MASCULINE)
    return f"{over_words} {counted(Number(str(over)), noun, language)}"


def _mixed(whole: str | None, over: int, under: int, language: SpokenLanguage) -> str:
    if not whole:
        return _fraction(over, under, language)
    spoken = cardinal(int(whole), language)
    if (over, under) == (1, 2) and language.halves is not None:
        joined = "" if language.tag == "de" else " "
        return f"{spoken}{joined}{language.halves[1]}"
    return f"{spoken} {language.signs.conjunction} {_fraction(over, under, language)}"


def _say_sign(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return _mixed(match["whole"], *_SIGNS[match["sign"]], language)


def _say_fraction(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    over, under = int(match["over"]), int(match["under"])
    if (language.tag[:2], match["over"], match["under"]) in _NAMED:
        return f"{cardinal(over, language)} {cardinal(under, language)}"
    if 0 < over < under and under in language.denominators:
        return _mixed(match["whole"], over, under, language)
    whole = f"{cardinal(int(match['whole']), language)} " if match["whole"] else ""
    between = language.out_of if over <= under else language.signs.slash
    return f"{whole}{cardinal(over, language)} {between} {cardinal(under, language)}"


def _say_ratio(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return f"{cardinal(int(match['over']), language)} {cardinal(int(match['under']), language)}"


def _say_range(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    low, high = parsed(match["low"], language), parsed(match["high"], language)
    spoken = [bare(match[name], language) for name in ("low", "high")]
    if low is None or high is None or None in spoken:
        return None
    rising = _value(low) < _value(high)
    if not rising and match["sign"] == "-" and max(len(low.whole), len(high.whole)) > 3:
        return None
    return f"{spoken[0]} {language.range_word if rising else ''} {spoken[1]}".replace("  ", " ")


def _value(number: Number) -> float:
    return float(f"{number.whole}.{number.decimals or 0}")


def _say_decade(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    if not language.tag.startswith("en"):
        return None
    spoken = year(int(match["number"]), language)
    return f"{spoken.removesuffix('y')}ies" if spoken.endswith("y") else f"{spoken}s"


DECADES: Final = (
    Rule(re.compile(r"(?<!\w)['\u2019]?(?P<number>(?:1\d|20)?[2-9]0)s(?!\w)"), _say_decade),
    Rule(re.compile(r"(?<!\w)(?P<number>1[1-9]00)s(?!\w)"), _say_decade),
)
FRACTIONS: Final = (
    Rule(re.compile(rf"{START}(?P<over>\d{{1,4}}):(?P<under>\d{{1,4}}){END}"), _say_ratio),
    Rule(re.compile(r"(?<!\w)(?:(?P<whole>\d{1,9})[ \u00a0]?)?(?P<sign>[½¼¾⅓⅔⅕⅛])"), _say_sign),
    Rule(
        re.compile(
            rf"{START}(?:(?P<whole>\d{{1,3}})[ \u00a0])?"
            rf"(?P<over>\d{{1,4}})/(?P<under>\d{{1,4}}){END}"
        ),
        _say_fraction,
    ),
)
RANGES: Final = (
    Rule(
        re.compile(
            rf"{START}(?<!\d[-\u2013])(?P<low>{NUMBER})(?:(?P<sign>-)|[ \u00a0]?\u2013[ \u00a0]?)"
            rf"(?P<high>{NUMBER})(?![-\u2013]\d){END}"
        ),
        _say_range,
    ),
)
