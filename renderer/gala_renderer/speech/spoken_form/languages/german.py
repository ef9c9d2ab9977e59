"""German."""

from __future__ import annotations

import re
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
from gala_renderer.speech.spoken_form.numbers import cardinal_words, ordinal_words, year_words

_DATIVE: Final = frozenset(listed("am im vom zum beim ab bis dem den des seit zur der"))


def _inflect(spoken: str, gender: Gender) -> str:
    if gender is Gender.ALONE:
        return spoken
    return re.sub(r"eins$", "eine" if gender is Gender.FEMININE else "ein", spoken)


def _clock(hour: int, minute: int, _half: str) -> str:
    spoken = _inflect(cardinal_words(hour, "de"), Gender.MASCULINE)
    return f"{spoken} Uhr {cardinal_words(minute, 'de')}" if minute else f"{spoken} Uhr"


def _ordinal(value: int, _ending: str) -> str:
    return ordinal_words(value, "de")


def _ordinal_before(value: int, before: str) -> str:
    spoken = ordinal_words(value, "de")
    if before.lower() in _DATIVE - {"der"}:
        return f"{spoken}n"
    return spoken if before.lower() in {"der", "die", "das"} else f"{spoken}r"


def _regnal(value: int, before: str) -> str:
    if before.lower() in _NUMBERED:
        return cardinal_words(value, "de")
    return f"der {ordinal_words(value, 'de').capitalize()}"


_NUMBERED: Final = frozenset(listed("kapitel band teil akt phase typ stufe weltkrieg"))
_CENT: Final = Noun("Cent", "Cent")
_LARGE: Final = Gender.FEMININE

GERMAN: Final = SpokenLanguage(
    tag="de",
    num2words="de",
    decimal=",",
    decimal_words={".": "Punkt", ",": "Komma"},
    decimals_whole=False,
    groups_by_space=True,
    signs=Signs(
        minus="minus",
        plus="plus",
        equals="gleich",
        times="mal",
        by="mal",
        conjunction="und",
        at="at",
        dot="Punkt",
        slash="Schrägstrich",
        dash="Bindestrich",
        underscore="Unterstrich",
        colon="Doppelpunkt",
        question="Fragezeichen",
        hash="Raute",
        hashtag="Hashtag",
        percent="Prozent",
        permille="Promille",
        number="Nummer",
        version="Version",
        about="ungefähr",
    ),
    range_word="bis",
    per="pro",
    out_of="von",
    months=listed(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    ),
    date="{day} {month}",
    date_year="{date} {year}",
    date_words=frozenset(),
    clock=_clock,
    hour_suffix=r"(?:[ \u00a0]?Uhr\b)?",
    seconds=Noun("Sekunde", "Sekunden", Gender.FEMININE),
    denominators={
        2: Noun("halb", "halbe"),
        3: Noun("Drittel", "Drittel"),
        4: Noun("Viertel", "Viertel"),
        5: Noun("Fünftel", "Fünftel"),
        6: Noun("Sechstel", "Sechstel"),
        7: Noun("Siebtel", "Siebtel"),
        8: Noun("Achtel", "Achtel"),
        9: Noun("Neuntel", "Neuntel"),
    },
    halves=("ein halb", "einhalb"),
    currencies={
        "€": Currency(Noun("Euro", "Euro"), _CENT),
        "$": Currency(Noun("Dollar", "Dollar"), _CENT),
        "£": Currency(Noun("Pfund", "Pfund"), Noun("Penny", "Pence")),
        "¥": Currency(Noun("Yen", "Yen")),
        "CHF": Currency(Noun("Franken", "Franken"), Noun("Rappen", "Rappen")),
    },
    money="{amount} {cents_number}",
    multipliers=nouns(
        """
        M;Mio.;Mio;Million;Millionen Million|Millionen
        Mrd.;Mrd;Milliarde;Milliarden Milliarde|Milliarden
        """,
        _LARGE,
    ),
    of_currency="",
    units={
        **nouns(
            """
            km Kilometer
            m Meter
            cm Zentimeter
            mm Millimeter
            km/h Kilometer pro Stunde
            m/s Meter pro Sekunde
            kg Kilogramm
            g Gramm
            mg Milligramm
            l;L Liter
            ml;mL Milliliter
            m²;m2;qm Quadratmeter
            km²;km2 Quadratkilometer
            m³;m3 Kubikmeter
            °C Grad Celsius
            °F Grad Fahrenheit
            ° Grad
            MB Megabyte
            GB Gigabyte
            TB Terabyte
            Hz Hertz
            MHz Megahertz
            GHz Gigahertz
            W Watt
            kW Kilowatt
            V Volt
            dB Dezibel
            px Pixel
            ha Hektar
            """
        ),
        **nouns(
            """
            h;Std. Stunde|Stunden
            min;Min. Minute|Minuten
            s;Sek. Sekunde|Sekunden
            ms Millisekunde|Millisekunden
            kWh Kilowattstunde|Kilowattstunden
            kcal Kilokalorie|Kilokalorien
            """,
            Gender.FEMININE,
        ),
    },
    abbreviations={
        "z. B.": "zum Beispiel",
        "z.B.": "zum Beispiel",
        "d. h.": "das heißt",
        "d.h.": "das heißt",
        "usw.": "und so weiter",
        "bzw.": "beziehungsweise",
        "ca.": "circa",
        "Dr.": "Doktor",
        "Nr.": "Nummer",
        "Hr.": "Herr",
        "Fr.": "Frau",
        "Str.": "Straße",
        "u. a.": "unter anderem",
    },
    words=frozenset(listed("NATO UNO NASA UNESCO")),
    spelled=frozenset(listed("EU USA KI UN")),
    short_words=False,
    regnal=_regnal,
    regnal_nouns=_NUMBERED
    | frozenset(
        listed(
            "Ludwig Friedrich Wilhelm Karl Heinrich Otto Georg Elisabeth Johannes Paul"
            " Benedikt Pius Franz"
        )
    ),
    inflect=_inflect,
    gender_of=lambda word: Gender.MASCULINE if word[:1].isupper() else Gender.ALONE,
    ordinal=_ordinal,
    ordinal_endings=r"\.(?=[ \u00a0][A-ZÄÖÜ])",
    ordinal_before=_ordinal_before,
    year=lambda value: (
        year_words(value, "de") if 1100 <= value < 2000 else cardinal_words(value, "de")
    ),
)
