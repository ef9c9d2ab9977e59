"""English, American and British."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gala_renderer.speech.spoken_form.language import (
    Currency,
    Gender,
    Noun,
    Signs,
    SpokenLanguage,
    listed,
    nouns,
)
from gala_renderer.speech.spoken_form.numbers import (
    cardinal_words,
    ordinal_words,
    year_words,
)


def _number(value: int) -> str:
    return cardinal_words(value, "en").replace(" and ", " ")


def _clock(hour: int, minute: int, half: str) -> str:
    suffix = {"am": " A-M", "pm": " P-M"}.get(half, "")
    if minute:
        spoken = _number(minute) if minute > 9 else f"oh {_number(minute)}"
        return f"{_number(hour)} {spoken}{suffix}"
    if suffix:
        return f"{_number(hour)}{suffix}"
    exact = "o'clock" if 1 <= hour <= 12 else "hundred"
    return f"{_number(hour)} {exact}"


def _ordinal(value: int, _ending: str) -> str:
    return ordinal_words(value, "en").replace(" and ", " ")


def _regnal(value: int, before: str) -> str:
    if before.lower() in _NUMBERED:
        return _number(value)
    return f"the {_ordinal(value, '')}"


def _year(value: int) -> str:
    return year_words(value, "en").replace(" and ", " ")


_MONTHS: Final = (
    "January February March April May June July August September October November December"
)
_NAMES: Final = "Henry Louis Charles Elizabeth George Edward James William Richard Mary Philip"
_NUMBERED: Final = frozenset(
    listed("war chapter part volume act book phase type stage level bowl rocky section")
)
_CENT: Final = Noun("cent", "cents")

AMERICAN: Final = SpokenLanguage(
    tag="en-US",
    num2words="en",
    decimal=".",
    decimal_words={".": "point", ",": "point"},
    decimals_whole=False,
    groups_by_space=False,
    signs=Signs(
        minus="minus",
        plus="plus",
        equals="equals",
        times="times",
        by="by",
        conjunction="and",
        at="at",
        dot="dot",
        slash="slash",
        dash="dash",
        underscore="underscore",
        colon="colon",
        question="question mark",
        hash="hash",
        hashtag="hashtag",
        percent="percent",
        permille="per thousand",
        number="number",
        version="version",
        about="about",
    ),
    range_word="to",
    per="per",
    out_of="out of",
    months=tuple(_MONTHS.split()),
    date="{month} {day}",
    date_year="{date} {year}",
    month_first=True,
    date_words=frozenset(listed("on until since by from before after")),
    day=lambda day: _ordinal(day, ""),
    clock=_clock,
    seconds=Noun("second", "seconds"),
    denominators={
        2: Noun("half", "halves"),
        3: Noun("third", "thirds"),
        4: Noun("quarter", "quarters"),
        5: Noun("fifth", "fifths"),
        6: Noun("sixth", "sixths"),
        7: Noun("seventh", "sevenths"),
        8: Noun("eighth", "eighths"),
        9: Noun("ninth", "ninths"),
    },
    halves=("one half", "and a half"),
    currencies={
        "$": Currency(Noun("dollar", "dollars"), _CENT),
        "€": Currency(Noun("euro", "euros"), _CENT),
        "£": Currency(Noun("pound", "pounds"), Noun("penny", "pence")),
        "¥": Currency(Noun("yen", "yen")),
        "₹": Currency(Noun("rupee", "rupees"), Noun("paisa", "paise")),
        "CHF": Currency(Noun("Swiss franc", "Swiss francs")),
        "MXN": Currency(Noun("Mexican peso", "Mexican pesos"), _CENT),
        "R$": Currency(Noun("real", "reais"), Noun("centavo", "centavos")),
    },
    money="{amount} and {cents}",
    multipliers=nouns(
        """
        k;K thousand
        M;m;million million
        B;bn;billion billion
        T;trillion trillion
        thousand thousand
        """
    ),
    of_currency="",
    units=nouns(
        """
        km kilometer|kilometers
        m meter|meters
        cm centimeter|centimeters
        mm millimeter|millimeters
        km/h;kph kilometer per hour|kilometers per hour
        m/s meter per second|meters per second
        mph mile per hour|miles per hour
        mi mile|miles
        ft foot|feet
        lb;lbs pound|pounds
        oz ounce|ounces
        kg kilogram|kilograms
        g gram|grams
        mg milligram|milligrams
        l;L liter|liters
        ml;mL milliliter|milliliters
        m²;m2 square meter|square meters
        km²;km2 square kilometer|square kilometers
        m³;m3 cubic meter|cubic meters
        °C degree Celsius|degrees Celsius
        °F degree Fahrenheit|degrees Fahrenheit
        ° degree|degrees
        h;hr;hrs hour|hours
        min minute|minutes
        s;sec second|seconds
        ms millisecond|milliseconds
        KB;kB kilobyte|kilobytes
        MB megabyte|megabytes
        GB gigabyte|gigabytes
        TB terabyte|terabytes
        Mbps megabit per second|megabits per second
        Hz hertz|hertz
        kHz kilohertz|kilohertz
        MHz megahertz|megahertz
        GHz gigahertz|gigahertz
        W watt|watts
        kW kilowatt|kilowatts
        kWh kilowatt hour|kilowatt hours
        V volt|volts
        dB decibel|decibels
        px pixel|pixels
        fps frame per second|frames per second
        kcal kilocalorie|kilocalories
        """
    ),
    abbreviations={
        "Mr.": "Mister",
        "Mrs.": "Missus",
        "Dr.": "Doctor",
        "vs.": "versus",
        "e.g.": "for example",
        "i.e.": "that is",
        "etc.": "et cetera",
        "approx.": "approximately",
        "U.S.": "U-S",
        "U.K.": "U-K",
        "U.N.": "U-N",
        "a.m.": "A-M",
        "p.m.": "P-M",
    },
    words=frozenset(listed("NASA NATO UNESCO UNICEF OPEC RAM ROM PIN SIM GIF JPEG AIDS LED")),
    letter_joint="-",
    short_words=False,
    regnal=_regnal,
    regnal_nouns=_NUMBERED | frozenset(_NAMES.split()),
    inflect=lambda spoken, _gender: spoken,
    gender_of=lambda _word: Gender.ALONE,
    ordinal=_ordinal,
    ordinal_endings="st|nd|rd|th",
    year=_year,
    without_and=True,
)
BRITISH: Final = replace(
    AMERICAN, tag="en-GB", month_first=False, date="the {day} of {month}", without_and=False
)
