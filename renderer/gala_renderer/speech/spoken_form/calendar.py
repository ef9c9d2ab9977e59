"""Dates, in digits and with the names of months."""

from __future__ import annotations

import re
from typing import Final

from gala_renderer.speech.spoken_form.language import SpokenLanguage
from gala_renderer.speech.spoken_form.numbers import cardinal, year
from gala_renderer.speech.spoken_form.rule import (
    END,
    START,
    Replacement,
    Rule,
    Spoken,
    part,
    previous_word,
)

_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURY_TURN: Final = 50
_SHORT: Final = 3


def rules(language: SpokenLanguage) -> tuple[Rule, ...]:
    """Return the rules of a language, the more special ones first."""
    names = "|".join(language.months)
    found = [
        Rule(re.compile(rf"{START}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){END}"), _say_iso),
        Rule(
            re.compile(
                rf"{START}(?P<one>\d{{1,2}})(?P<sign>[./-])(?P<other>\d{{1,2}})(?P=sign)"
                rf"(?P<year>\d{{4}}|\d\d)(?!-\d){END}"
            ),
            _say_numeric,
        ),
        Rule(re.compile(rf"{START}(?P<one>\d{{1,2}})/(?P<other>\d{{1,2}}){END}"), _say_short),
    ]
    if language.month_first or language.tag == "en-GB":
        short = "|".join(rf"{name[:_SHORT]}\." for name in language.months if len(name) > 4)
        month = rf"(?<!\w)(?P<month>{names}|{short})"
        day = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\w]|[.,:]\d)"
        comma_year = r"(?:,?[ \u00a0](?P<year>[12]\d{3})(?!\w))?"
        found += [
            Rule(re.compile(rf"{month}[ \u00a0]{day}{comma_year}"), _say_named),
            Rule(re.compile(rf"{START}{day}[ \u00a0](?P<month>{names})(?!\w)"), _say_day),
        ]
    elif language.ordinal_before is not None:
        found += [
            Rule(re.compile(rf"{START}(?P<day>\d{{1,2}}\.)[ \u00a0](?=(?:{names})\b)"), _say_day),
            Rule(
                re.compile(rf"{START}(?P<one>\d{{1,2}})\.(?P<other>\d{{1,2}})\.(?!\d)"), _say_dots
            ),
        ]
    elif language.day is not None:
        first = r"(?P<day>1)(?:er|\.?º|°)?"
        found.append(
            Rule(re.compile(rf"{START}{first}(?=[ \u00a0](?:de[ \u00a0])?(?:{names})\b)"), _say_day)
        )
    return tuple(found)


def _say_iso(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return _date(match, language, int(match["day"]), int(match["month"]), int(match["year"]))


def _say_numeric(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    if len(match["year"]) == 2 and match["sign"] == "." and not language.ordinal_before:
        return None
    number = int(match["year"])
    if len(match["year"]) == 2:
        number += 2000 if number < _CENTURY_TURN else 1900
    day, month = _ordered(match, language, dots=match["sign"] == ".")
    return _date(match, language, day, month, number)


def _say_short(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    if previous_word(match).lower() not in language.date_words:
        return None
    return _date(match, language, *_ordered(match, language, dots=False), None)


def _say_dots(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    return _date(match, language, int(match["one"]), int(match["other"]), None)


def _ordered(match: re.Match[str], language: SpokenLanguage, *, dots: bool) -> tuple[int, int]:
    day, month = int(match["one"]), int(match["other"])
    if language.month_first and not dots:
        day, month = month, day
    return (month, day) if month > 12 >= day else (day, month)


def _date(
    match: re.Match[str], language: SpokenLanguage, day: int, month: int, of_year: int | None
) -> Spoken:
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return None
    spoken = language.date.format(
        day=_day(day, previous_word(match), language), month=language.months[month - 1]
    )
    if of_year is not None:
        spoken = language.date_year.format(date=spoken, year=year(of_year, language))
    doubled = spoken.startswith("the ") and previous_word(match).lower() == "the"
    return spoken.removeprefix("the ") if doubled else spoken


def _day(day: int, before: str, language: SpokenLanguage) -> str:
    if language.ordinal_before is not None:
        return language.ordinal_before(day, before)
    return language.day(day) if language.day is not None else cardinal(day, language)


def _say_named(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    day = int(match["day"])
    if not 1 <= day <= 31:
        return None
    written = match["month"]
    name = next(name for name in language.months if name.startswith(written.rstrip(".")))
    spoken = [part(match, "month", name)] if written != name else []
    end = match.end("day") + (2 if match.string[match.end("day") :][:1].isalpha() else 0)
    said = _day(day, "", language)
    spoken.append(Replacement(match.start("day"), end, said))
    if match["year"]:
        spoken.append(part(match, "year", year(int(match["year"]), language)))
    return spoken


def _say_day(match: re.Match[str], language: SpokenLanguage) -> Spoken:
    day = int(match["day"].rstrip("."))
    if not 1 <= day <= 31:
        return None
    said = _day(day, previous_word(match), language)
    if "month" in match.groupdict():
        article = "" if previous_word(match).lower() == "the" else "the "
        end = match.start("month") - 1
        return [Replacement(match.start("day"), end, f"{article}{said} of")]
    end = match.end("day") if match["day"].endswith(".") else match.end()
    return [Replacement(match.start("day"), end, said)]
