"""French."""

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
from gala_renderer.speech.spoken_form.numbers import cardinal_words, ordinal_words


def _inflect(spoken: str, gender: Gender) -> str:
    return re.sub(r"\bun$", "une", spoken) if gender is Gender.FEMININE else spoken


def _clock(hour: int, minute: int, _half: str) -> str:
    spoken = _inflect(cardinal_words(hour, "fr"), Gender.FEMININE)
    named = f" {cardinal_words(minute, 'fr')}" if minute else ""
    return f"{spoken} heure{'' if hour < 2 else 's'}{named}"


def _ordinal(value: int, ending: str) -> str:
    if value == 1:
        return "première" if ending in {"re", "ère"} else "premier"
    return ordinal_words(value, "fr")


def _regnal(value: int, _before: str) -> str:
    return cardinal_words(value, "fr")


_CENT: Final = Noun("centime", "centimes")

FRENCH: Final = SpokenLanguage(
    tag="fr",
    num2words="fr",
    decimal=",",
    decimal_words={".": "point", ",": "virgule"},
    decimals_whole=True,
    groups_by_space=True,
    signs=Signs(
        minus="moins",
        plus="plus",
        equals="égale",
        times="fois",
        by="par",
        conjunction="et",
        at="arobase",
        dot="point",
        slash="barre oblique",
        dash="tiret",
        underscore="tiret bas",
        colon="deux points",
        question="point d'interrogation",
        hash="dièse",
        hashtag="hashtag",
        percent="pour cent",
        permille="pour mille",
        number="numéro",
        version="version",
        about="environ",
    ),
    range_word="à",
    per="par",
    out_of="sur",
    months=listed(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    ),
    date="{day} {month}",
    date_year="{date} {year}",
    date_words=frozenset(listed("le du au lundi mardi mercredi jeudi vendredi samedi dimanche")),
    day=lambda day: "premier" if day == 1 else cardinal_words(day, "fr"),
    clock=_clock,
    hour_suffix=r"(?:[ \u00a0]?h\b)?",
    seconds=Noun("seconde", "secondes", Gender.FEMININE),
    denominators={
        2: Noun("demi", "demis"),
        3: Noun("tiers", "tiers"),
        4: Noun("quart", "quarts"),
        5: Noun("cinquième", "cinquièmes"),
        6: Noun("sixième", "sixièmes"),
        7: Noun("septième", "septièmes"),
        8: Noun("huitième", "huitièmes"),
        9: Noun("neuvième", "neuvièmes"),
    },
    halves=("un demi", "et demi"),
    currencies={
        "€": Currency(Noun("euro", "euros"), _CENT),
        "$": Currency(Noun("dollar", "dollars"), Noun("cent", "cents")),
        "£": Currency(Noun("livre", "livres", Gender.FEMININE), Noun("penny", "pence")),
        "¥": Currency(Noun("yen", "yens")),
        "CHF": Currency(Noun("franc suisse", "francs suisses"), _CENT),
    },
    money="{amount} {cents_number}",
    multipliers=nouns(
        """
        k;K;mille mille
        M;million;millions million|millions
        Md;Mds;milliard;milliards milliard|milliards
        """
    ),
    of_currency="de ",
    of_vowel="d'",
    units={
        **nouns(
            """
            km kilomètre|kilomètres
            m mètre|mètres
            cm centimètre|centimètres
            mm millimètre|millimètres
            km/h kilomètre heure|kilomètres heure
            m/s mètre par seconde|mètres par seconde
            kg kilo|kilos
            g gramme|grammes
            mg milligramme|milligrammes
            l;L litre|litres
            ml;mL millilitre|millilitres
            m²;m2 mètre carré|mètres carrés
            km²;km2 kilomètre carré|kilomètres carrés
            m³;m3 mètre cube|mètres cubes
            °C degré Celsius|degrés Celsius
            °F degré Fahrenheit|degrés Fahrenheit
            ° degré|degrés
            ko;Ko kilooctet|kilooctets
            Mo mégaoctet|mégaoctets
            Go gigaoctet|gigaoctets
            To téraoctet|téraoctets
            GB gigabyte|gigabytes
            MB mégabyte|mégabytes
            Hz hertz|hertz
            MHz mégahertz|mégahertz
            GHz gigahertz|gigahertz
            W watt|watts
            kW kilowatt|kilowatts
            kWh kilowattheure|kilowattheures
            V volt|volts
            dB décibel|décibels
            px pixel|pixels
            ha hectare|hectares
            """
        ),
        **nouns(
            """
            h heure|heures
            min minute|minutes
            s seconde|secondes
            ms milliseconde|millisecondes
            """,
            Gender.FEMININE,
        ),
    },
    abbreviations={
        "M.": "monsieur",
        "Mme": "madame",
        "Mlle": "mademoiselle",
        "Dr": "docteur",
        "etc.": "et cetera",
        "p. ex.": "par exemple",
        "c.-à-d.": "c'est-à-dire",
    },
    words=frozenset(listed("ONU OVNI OTAN NASA UNESCO SIDA INSEE")),
    spelled=frozenset(listed("UE USA IA ENA URL API")),
    short_words=False,
    regnal=_regnal,
    regnal_nouns=frozenset(
        listed(
            "Louis Henri Charles Philippe François Napoléon Jean Paul Pie Benoît"
            " Élisabeth chapitre tome volume acte phase type partie guerre mondiale"
        )
    ),
    inflect=_inflect,
    singular_below_two=True,
    gender_of=lambda _word: Gender.ALONE,
    ordinal=_ordinal,
    ordinal_endings="er|re|ère|e|ème|nd|nde",
)
