"""Italian."""

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
    if spoken != "uno" or gender is Gender.ALONE:
        return spoken
    return "una" if gender is Gender.FEMININE else "un"


def _clock(hour: int, minute: int, half: str) -> str:
    suffix = {"am": " di mattina", "pm": " di sera" if hour > 5 else " di pomeriggio"}.get(half, "")
    spoken = "una" if hour == 1 else cardinal_words(hour, "it")
    if minute == 0:
        return spoken + suffix
    zero = "zero " if minute < 10 else ""
    return f"{spoken} e {zero}{cardinal_words(minute, 'it')}{suffix}"


def _ordinal(value: int, ending: str) -> str:
    spoken = ordinal_words(value, "it")
    return re.sub(r"o$", "a", spoken) if ending in {"ª", "a"} else spoken


_NUMBERED: Final = frozenset(listed("capitolo volume tomo atto fase tipo parte guerra mondiale"))


def _regnal(value: int, before: str) -> str:
    if before.lower() in _NUMBERED:
        return cardinal_words(value, "it")
    return _ordinal(value, "")


_CENT: Final = Noun("centesimo", "centesimi")

ITALIAN: Final = SpokenLanguage(
    tag="it",
    num2words="it",
    decimal=",",
    decimal_words={".": "punto", ",": "virgola"},
    decimals_whole=True,
    groups_by_space=True,
    signs=Signs(
        minus="meno",
        plus="più",
        equals="uguale a",
        times="per",
        by="per",
        conjunction="e",
        at="chiocciola",
        dot="punto",
        slash="barra",
        dash="trattino",
        underscore="trattino basso",
        colon="due punti",
        question="punto interrogativo",
        hash="cancelletto",
        hashtag="hashtag",
        percent="per cento",
        permille="per mille",
        number="numero",
        version="versione",
        about="circa",
    ),
    range_word="a",
    per="al",
    out_of="su",
    months=listed(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre"
        " novembre dicembre"
    ),
    date="{day} {month}",
    date_year="{date} {year}",
    date_words=frozenset(listed("il dal al del lunedì martedì mercoledì giovedì venerdì sabato")),
    day=lambda day: "primo" if day == 1 else cardinal_words(day, "it"),
    clock=_clock,
    seconds=Noun("secondo", "secondi"),
    denominators={
        2: Noun("mezzo", "mezzi"),
        3: Noun("terzo", "terzi"),
        4: Noun("quarto", "quarti"),
        5: Noun("quinto", "quinti"),
        6: Noun("sesto", "sesti"),
        7: Noun("settimo", "settimi"),
        8: Noun("ottavo", "ottavi"),
        9: Noun("nono", "noni"),
    },
    halves=("mezzo", "e mezzo"),
    currencies={
        "€": Currency(Noun("euro", "euro"), _CENT),
        "$": Currency(Noun("dollaro", "dollari"), _CENT),
        "£": Currency(Noun("sterlina", "sterline", Gender.FEMININE), Noun("penny", "pence")),
        "¥": Currency(Noun("yen", "yen")),
        "CHF": Currency(Noun("franco svizzero", "franchi svizzeri"), _CENT),
    },
    money="{amount} e {cents_number}",
    multipliers=nouns(
        """
        mila mila
        M;Mln;mln;milione;milioni milione|milioni
        Mld;mld;miliardo;miliardi miliardo|miliardi
        """
    ),
    of_currency="di ",
    units={
        **nouns(
            """
            km chilometro|chilometri
            m metro|metri
            cm centimetro|centimetri
            mm millimetro|millimetri
            km/h chilometro orario|chilometri orari
            m/s metro al secondo|metri al secondo
            kg chilo|chili
            g grammo|grammi
            mg milligrammo|milligrammi
            l;L litro|litri
            ml;mL millilitro|millilitri
            m²;m2;mq metro quadrato|metri quadrati
            km²;km2 chilometro quadrato|chilometri quadrati
            m³;m3 metro cubo|metri cubi
            °C grado Celsius|gradi Celsius
            °F grado Fahrenheit|gradi Fahrenheit
            ° grado|gradi
            min minuto|minuti
            s secondo|secondi
            ms millisecondo|millisecondi
            MB megabyte|megabyte
            GB gigabyte|gigabyte
            TB terabyte|terabyte
            Hz hertz|hertz
            MHz megahertz|megahertz
            GHz gigahertz|gigahertz
            W watt|watt
            kW kilowatt|kilowatt
            kWh chilowattora|chilowattora
            V volt|volt
            dB decibel|decibel
            px pixel|pixel
            ha ettaro|ettari
            """
        ),
        **nouns("h ora|ore", Gender.FEMININE),
    },
    abbreviations={
        "Sig.": "signor",
        "Sig.ra": "signora",
        "Dott.": "dottor",
        "ecc.": "eccetera",
        "es.": "esempio",
        "pag.": "pagina",
    },
    spelled=frozenset(["UE", "USA", "IA"]),
    short_words=True,
    regnal=_regnal,
    regnal_nouns=_NUMBERED
    | frozenset(
        listed(
            "Enrico Luigi Carlo Vittorio Umberto Filippo Ferdinando Giovanni Paolo Pio"
            " Benedetto Elisabetta secolo"
        )
    ),
    inflect=_inflect,
    gender_of=lambda word: Gender.MASCULINE if word.endswith("o") else Gender.ALONE,
    ordinal=_ordinal,
    ordinal_endings=r"\.?(?:º|ª|°(?=[ \u00a0][a-z]))",
)
