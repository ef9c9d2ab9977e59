"""Spanish, with the decimal comma of Spain and the decimal point of Mexico and its neighbours."""

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

_BEFORE_THOUSANDS: Final = re.compile(r"uno (?=mil|millones|billones)")
_FUNCTION_WORDS: Final = frozenset(
    listed(
        "a al ante antes ayer con contra cuando de del desde después e el en entre es"
        " eran era fue ha hasta hoy la las le les lo los más me menos mi ni no o para"
        " pero por puede que se según ser si sin sobre son su sus también tras tu u un"
        " una y ya"
    )
)
_MASCULINE: Final = frozenset(
    listed(
        "día días idioma idiomas mapa mapas planeta planetas poema poemas problema"
        " problemas programa programas sistema sistemas tema temas gramas clima climas"
    )
)
_FEMININE_ENDING: Final = re.compile(r"(?:as?|ción|ciones|sión|siones|dad|dades)$")
_TEENS: Final = {
    11: "undécimo", 12: "duodécimo", 13: "decimotercero", 14: "decimocuarto", 15: "decimoquinto",
    16: "decimosexto", 17: "decimoséptimo", 18: "decimoctavo", 19: "decimonoveno",
}  # fmt: skip


def _inflect(spoken: str, gender: Gender) -> str:
    spoken = _BEFORE_THOUSANDS.sub("un ", spoken).replace("veintiun ", "veintiún ")
    if gender is Gender.FEMININE:
        spoken = re.sub(r"uno$", "una", spoken)
        return re.sub(r"cientos(?! (?:\w+ ){0,6}millones)", "cientas", spoken).replace(
            "quinientos", "quinientas"
        )
    if gender is Gender.MASCULINE:
        return re.sub(r"veintiuno$", "veintiún", re.sub(r"(?<!veinti)uno$", "un", spoken))
    return spoken


def _gender_of(word: str) -> Gender:
    lower = word.lower()
    if not word or lower in _FUNCTION_WORDS or word[0].isupper():
        return Gender.ALONE
    if lower in _MASCULINE:
        return Gender.MASCULINE
    return Gender.FEMININE if _FEMININE_ENDING.search(lower) else Gender.MASCULINE


def _hour(value: int) -> str:
    return _inflect(cardinal_words(value, "es"), Gender.FEMININE)


def _clock(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        evening = "tarde" if hour == 12 or hour < 8 else "noche"
        part = " de la mañana" if half == "am" else f" de la {evening}"
    if minute == 0:
        exact = " en punto" if 1 <= hour <= 12 else " horas"
        return _hour(hour) + (part or exact)
    if 1 <= hour <= 12:
        named = {15: "cuarto", 30: "media"}.get(minute, cardinal_words(minute, "es"))
        return f"{_hour(hour)} y {named}{part}"
    zero = "cero " if minute < 10 else ""
    return f"{_hour(hour)} {zero}{cardinal_words(minute, 'es')}"


def _ordinal(value: int, ending: str) -> str:
    if value > 100:
        return cardinal_words(value, "es")
    spoken = _TEENS.get(value) or ordinal_words(value, "es")
    if ending in {"a", "ª"}:
        return re.sub(r"o\b", "a", spoken)
    return re.sub(r"(prim|terc)ero$", r"\1er", spoken) if ending == "er" else spoken


def _regnal(value: int, before: str) -> str:
    if value > 10 or before.lower() in _NUMBERED:
        return cardinal_words(value, "es")
    female = before in {"Isabel", "María", "Juana", "Cristina", "Catalina", "Margarita"}
    return _ordinal(value, "a" if female else "")


_NUMBERED: Final = frozenset(
    listed(
        "siglo siglos capítulo tomo volumen acto fase tipo nivel parte guerra mundial título"
        " sección artículo anexo"
    )
)
_NAMES: Final = (
    "Felipe Alfonso Carlos Fernando Enrique Isabel Juan Pablo Luis Luís Pedro Jaime Sancho Ramiro"
    " Jorge Eduardo Guillermo Ricardo Napoleón Francisco Benedicto Pío León Catalina Margarita"
    " Nicolás Alejandro María Juana Cristina"
)
_CENT: Final = Noun("céntimo", "céntimos")
_CENTAVO: Final = Noun("centavo", "centavos")

SPANISH: Final = SpokenLanguage(
    tag="es",
    num2words="es",
    decimal=",",
    decimal_words={".": "punto", ",": "coma"},
    decimals_whole=True,
    groups_by_space=True,
    signs=Signs(
        minus="menos",
        plus="más",
        equals="igual a",
        times="por",
        by="por",
        conjunction="y",
        at="arroba",
        dot="punto",
        slash="barra",
        dash="guion",
        underscore="guion bajo",
        colon="dos puntos",
        question="interrogación",
        hash="almohadilla",
        hashtag="hashtag",
        percent="por ciento",
        permille="por mil",
        number="número",
        version="versión",
        about="unos",
    ),
    range_word="a",
    per="por",
    out_of="de",
    months=listed(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    date="{day} de {month}",
    date_year="{date} de {year}",
    date_words=frozenset(listed("el día del hasta desde lunes martes miércoles jueves viernes")),
    clock=_clock,
    hour_suffix=r"(?:[ \u00a0]?(?:h|hs|hrs)\b\.?)?",
    seconds=Noun("segundo", "segundos"),
    denominators={
        2: Noun("medio", "medios"),
        3: Noun("tercio", "tercios"),
        4: Noun("cuarto", "cuartos"),
        5: Noun("quinto", "quintos"),
        6: Noun("sexto", "sextos"),
        7: Noun("séptimo", "séptimos"),
        8: Noun("octavo", "octavos"),
        9: Noun("noveno", "novenos"),
    },
    halves=("medio", "y medio"),
    currencies={
        "€": Currency(Noun("euro", "euros"), _CENT),
        "$": Currency(Noun("dólar", "dólares"), _CENTAVO),
        "£": Currency(Noun("libra", "libras", Gender.FEMININE), Noun("penique", "peniques")),
        "¥": Currency(Noun("yen", "yenes")),
        "₹": Currency(Noun("rupia", "rupias", Gender.FEMININE), Noun("paisa", "paisas")),
        "CHF": Currency(Noun("franco suizo", "francos suizos"), _CENT),
        "MXN": Currency(Noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
        "R$": Currency(Noun("real", "reales"), _CENTAVO),
    },
    money="{amount} con {cents}",
    multipliers=nouns(
        """
        k;K;mil mil
        M;m;millones;millón;mill. millón|millones
        billones;billón billón|billones
        """
    ),
    of_currency="de ",
    units={
        **nouns(
            """
            km kilómetro|kilómetros
            m metro|metros
            cm centímetro|centímetros
            mm milímetro|milímetros
            km/h;kph kilómetro por hora|kilómetros por hora
            m/s metro por segundo|metros por segundo
            ft pie|pies
            kg kilo|kilos
            g;gr gramo|gramos
            mg miligramo|miligramos
            l;L litro|litros
            ml;mL mililitro|mililitros
            m²;m2 metro cuadrado|metros cuadrados
            km²;km2 kilómetro cuadrado|kilómetros cuadrados
            m³;m3 metro cúbico|metros cúbicos
            °C;ºC grado Celsius|grados Celsius
            °F;ºF grado Fahrenheit|grados Fahrenheit
            ° grado|grados
            min minuto|minutos
            s;seg segundo|segundos
            ms milisegundo|milisegundos
            KB;kB kilobyte|kilobytes
            MB megabyte|megabytes
            GB gigabyte|gigabytes
            TB terabyte|terabytes
            Mbps megabit por segundo|megabits por segundo
            Hz hercio|hercios
            kHz kilohercio|kilohercios
            MHz megahercio|megahercios
            GHz gigahercio|gigahercios
            W vatio|vatios
            kW kilovatio|kilovatios
            kWh kilovatio hora|kilovatios hora
            V voltio|voltios
            dB decibelio|decibelios
            px píxel|píxeles
            fps fotograma por segundo|fotogramas por segundo
            """
        ),
        **nouns(
            """
            h hora|horas
            mph milla por hora|millas por hora
            lb;lbs libra|libras
            oz onza|onzas
            ha hectárea|hectáreas
            kcal kilocaloría|kilocalorías
            """,
            Gender.FEMININE,
        ),
    },
    abbreviations={
        "Sr.": "señor",
        "Sra.": "señora",
        "Srta.": "señorita",
        "Dr.": "doctor",
        "Dra.": "doctora",
        "Dña.": "doña",
        "Ud.": "usted",
        "Uds.": "ustedes",
        "etc.": "etcétera",
        "p. ej.": "por ejemplo",
        "p.ej.": "por ejemplo",
        "EE. UU.": "Estados Unidos",
        "EE.UU.": "Estados Unidos",
        "EEUU": "Estados Unidos",
        "a. C.": "antes de Cristo",
        "d. C.": "después de Cristo",
        "núm.": "número",
        "pág.": "página",
        "aprox.": "aproximadamente",
    },
    letters={
        "A": "a",
        "B": "be",
        "C": "ce",
        "D": "de",
        "E": "e",
        "F": "efe",
        "G": "ge",
        "H": "hache",
        "I": "i",
        "J": "jota",
        "K": "ka",
        "L": "ele",
        "M": "eme",
        "N": "ene",
        "Ñ": "eñe",
        "O": "o",
        "P": "pe",
        "Q": "cu",
        "R": "erre",
        "S": "ese",
        "T": "te",
        "U": "u",
        "V": "uve",
        "W": "uve doble",
        "X": "equis",
        "Y": "i griega",
        "Z": "zeta",
    },
    words=frozenset({"PSOE", "SOS", "OK"}),
    spelled=frozenset(listed("CEO UE IA IU USB FBI GPS RTVE")),
    short_words=True,
    regnal=_regnal,
    regnal_nouns=frozenset((*_NAMES.split(), *_NUMBERED)),
    inflect=_inflect,
    gender_of=_gender_of,
    feminine_before=frozenset({"la", "las"}),
    ordinal=_ordinal,
    ordinal_endings=r"\.?(?:º|ª|er)",
)

MEXICAN: Final = replace(
    SPANISH,
    tag="es-MX",
    decimal=".",
    currencies={**SPANISH.currencies, "$": Currency(Noun("peso", "pesos"), _CENTAVO)},
)
LATIN_AMERICAN: Final = replace(SPANISH, tag="es-419", decimal=".")
