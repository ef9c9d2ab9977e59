"""Portuguese, of Portugal and of Brazil."""

from __future__ import annotations

import re
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
from gala_renderer.speech.spoken_form.numbers import cardinal_words, ordinal_words

_FUNCTION_WORDS: Final = frozenset(
    listed(
        "a à ao as com da das de do dos e em é foi mas na não no nas nos o os ou para"
        " pela pelo por que se sem são"
    )
)
_MASCULINE: Final = frozenset(listed("dia dias problema problemas programa programas mapa temas"))


def _inflect(spoken: str, gender: Gender) -> str:
    if gender is not Gender.FEMININE:
        return spoken
    spoken = re.sub(r"\bum$", "uma", spoken)
    spoken = re.sub(r"\bdois$", "duas", spoken)
    return re.sub(r"(?<=z)entos|(?<=c)entos", "entas", spoken)


def _gender_of(word: str) -> Gender:
    lower = word.lower()
    if not word or lower in _FUNCTION_WORDS or word[0].isupper():
        return Gender.ALONE
    feminine = re.search(r"(?:as?|ção|ções|dade|dades)$", lower) and lower not in _MASCULINE
    return Gender.FEMININE if feminine else Gender.MASCULINE


def _clock_in(code: str, hour: int, minute: int, half: str) -> str:
    part = {"am": " da manhã", "pm": " da tarde" if hour == 12 or hour < 7 else " da noite"}
    suffix = part.get(half, "")
    spoken = _inflect(cardinal_words(hour, code), Gender.FEMININE)
    if minute == 0:
        return f"{spoken} hora{'' if hour == 1 else 's'}{suffix}"
    return f"{spoken} e {cardinal_words(minute, code)}{suffix}"


def _ordinal(value: int, ending: str) -> str:
    spoken = ordinal_words(value, "pt")
    return re.sub(r"o\b", "a", spoken) if ending in {"ª", "a"} else spoken


_NUMBERED: Final = frozenset(
    listed("século capítulo volume tomo ato fase tipo parte guerra mundial")
)


def _regnal_in(code: str, value: int, before: str) -> str:
    if value > 10 or before.lower() in _NUMBERED:
        return cardinal_words(value, code)
    return _ordinal(value, "a" if before in {"Maria", "Isabel"} else "")


_CENTAVO: Final = Noun("centavo", "centavos")

PORTUGUESE: Final = SpokenLanguage(
    tag="pt",
    num2words="pt",
    decimal=",",
    decimal_words={".": "ponto", ",": "vírgula"},
    decimals_whole=True,
    groups_by_space=True,
    signs=Signs(
        minus="menos",
        plus="mais",
        equals="igual a",
        times="vezes",
        by="por",
        conjunction="e",
        at="arroba",
        dot="ponto",
        slash="barra",
        dash="hífen",
        underscore="sublinhado",
        colon="dois pontos",
        question="ponto de interrogação",
        hash="cardinal",
        hashtag="hashtag",
        percent="por cento",
        permille="por mil",
        number="número",
        version="versão",
        about="cerca de",
    ),
    range_word="a",
    per="por",
    out_of="de",
    months=listed(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
    ),
    date="{day} de {month}",
    date_year="{date} de {year}",
    date_words=frozenset(listed("dia em no até desde segunda terça quarta quinta sexta sábado")),
    clock=lambda hour, minute, half: _clock_in("pt", hour, minute, half),
    hour_suffix=r"(?:[ \u00a0]?h\b)?",
    seconds=Noun("segundo", "segundos"),
    denominators={
        2: Noun("meio", "meios"),
        3: Noun("terço", "terços"),
        4: Noun("quarto", "quartos"),
        5: Noun("quinto", "quintos"),
        6: Noun("sexto", "sextos"),
        7: Noun("sétimo", "sétimos"),
        8: Noun("oitavo", "oitavos"),
        9: Noun("nono", "nonos"),
    },
    halves=("meio", "e meio"),
    currencies={
        "€": Currency(Noun("euro", "euros"), Noun("cêntimo", "cêntimos")),
        "$": Currency(Noun("dólar", "dólares"), _CENTAVO),
        "£": Currency(Noun("libra", "libras", Gender.FEMININE), Noun("pence", "pence")),
        "¥": Currency(Noun("iene", "ienes")),
        "R$": Currency(Noun("real", "reais"), _CENTAVO),
        "CHF": Currency(Noun("franco suíço", "francos suíços"), _CENTAVO),
    },
    money="{amount} e {cents}",
    multipliers=nouns(
        """
        k;K;mil mil
        M;mi;milhão;milhões milhão|milhões
        bi;bilhão;bilhões bilhão|bilhões
        """
    ),
    of_currency="de ",
    units={
        **nouns(
            """
            km quilómetro|quilómetros
            m metro|metros
            cm centímetro|centímetros
            mm milímetro|milímetros
            km/h quilómetro por hora|quilómetros por hora
            m/s metro por segundo|metros por segundo
            kg quilo|quilos
            g grama|gramas
            mg miligrama|miligramas
            l;L litro|litros
            ml;mL mililitro|mililitros
            m²;m2 metro quadrado|metros quadrados
            km²;km2 quilómetro quadrado|quilómetros quadrados
            m³;m3 metro cúbico|metros cúbicos
            °C;ºC grau Celsius|graus Celsius
            °F;ºF grau Fahrenheit|graus Fahrenheit
            ° grau|graus
            min minuto|minutos
            s segundo|segundos
            ms milissegundo|milissegundos
            MB megabyte|megabytes
            GB gigabyte|gigabytes
            TB terabyte|terabytes
            Hz hertz|hertz
            MHz megahertz|megahertz
            GHz gigahertz|gigahertz
            W watt|watts
            kW quilowatt|quilowatts
            kWh quilowatt hora|quilowatts hora
            V volt|volts
            dB decibel|decibéis
            px píxel|píxeis
            ha hectare|hectares
            """
        ),
        **nouns("h hora|horas\nkcal quilocaloria|quilocalorias", Gender.FEMININE),
    },
    abbreviations={
        "Sr.": "senhor",
        "Sra.": "senhora",
        "Dr.": "doutor",
        "Dra.": "doutora",
        "D.": "dom",
        "etc.": "etcétera",
        "p. ex.": "por exemplo",
        "pág.": "página",
    },
    letters={"A": "á", "E": "é", "O": "ó"},
    spelled=frozenset(listed("UE IA EUA USB CEO")),
    short_words=True,
    regnal=lambda value, before: _regnal_in("pt", value, before),
    regnal_nouns=_NUMBERED
    | frozenset(
        listed(
            "João Pedro Afonso Manuel Carlos Luís Henrique Filipe Sebastião Maria Isabel"
            " Paulo Pio Bento"
        )
    ),
    inflect=_inflect,
    gender_of=_gender_of,
    feminine_before=frozenset({"à", "às"}),
    ordinal=_ordinal,
    ordinal_endings=r"\.?(?:º|ª)",
)

_BRAZILIAN_UNITS: Final = {
    sign: replace(
        noun, one=noun.one.replace("quilómetro", "quilômetro"),
        many=noun.many.replace("quilómetro", "quilômetro"),
    )
    for sign, noun in PORTUGUESE.units.items()
}  # fmt: skip

BRAZILIAN: Final = replace(
    PORTUGUESE,
    tag="pt-BR",
    num2words="pt_BR",
    units=_BRAZILIAN_UNITS,
    day=lambda day: "primeiro" if day == 1 else cardinal_words(day, "pt_BR"),
    clock=lambda hour, minute, half: _clock_in("pt_BR", hour, minute, half),
    regnal=lambda value, before: _regnal_in("pt_BR", value, before),
    currencies={**PORTUGUESE.currencies, "€": Currency(Noun("euro", "euros"), _CENTAVO)},
)
