"""French, Italian, Portuguese and German: what is written is spoken as a person would."""

from __future__ import annotations

import pytest

from gala_renderer.speech.spoken_form.form import spoken_form

CASES = {
    "fr": {
        "3,14": "trois virgule quatorze",
        "10 000": "dix mille",
        "14h30": "quatorze heures trente",
        "1 h": "une heure",
        "5,50 €": "cinq euros cinquante",
        "1,2 M€": "un virgule deux million d'euros",
        "Le 1er mai 2024": "Le premier mai deux mille vingt-quatre",
        "12/05/2024": "douze mai deux mille vingt-quatre",
        "Louis XIV": "Louis quatorze",
        "le XIVe siècle": "le quatorzième siècle",
        "20 %": "vingt pour cent",
        "10 km/h": "dix kilomètres heure",
        "-5 °C": "moins cinq degrés Celsius",
        "2–3": "deux à trois",  # noqa: RUF001
        "01 23 45 67 89": "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf",
        "user@example.com": "user arobase example point com",
        "la SNCF": "la S N C F",
        "😀": "visage rieur",
        "3/4": "trois quarts",
    },
    "it": {
        "3,14": "tre virgola quattordici",
        "1.234": "milleduecentotrentaquattro",
        "14:30": "quattordici e trenta",
        "1 euro": "un euro",
        "5,50 €": "cinque euro e cinquanta",
        "1,2 mln €": "uno virgola due milioni di euro",
        "1 maggio 2024": "primo maggio duemilaventiquattro",
        "12/05/2024": "dodici maggio duemilaventiquattro",
        "XIV secolo": "quattordicesimo secolo",
        "Enrico VIII": "Enrico ottavo",
        "20%": "venti per cento",
        "10 km/h": "dieci chilometri orari",
        "2ª": "seconda",
        "user@example.com": "user chiocciola example punto com",
        "esempio.it, esempio.es": "esempio punto it, esempio punto E S",
        "il DNA": "il D N A",
        "v2.0": "versione due punto zero",
        "3/4": "tre quarti",
    },
    "pt": {
        "3,14": "três vírgula catorze",
        "16": "dezasseis",
        "200 pessoas": "duzentas pessoas",
        "às 2": "às duas",
        "14:30": "catorze e trinta",
        "R$ 5,50": "cinco reais e cinquenta centavos",
        "R$ 1,2 mi": "um vírgula dois milhões de reais",
        "1 de maio de 2024": "um de maio de dois mil e vinte e quatro",
        "dia 3/4": "dia três de abril",
        "século XIV": "século catorze",
        "D. João VI": "dom João sexto",
        "20%": "vinte por cento",
        "10 km/h": "dez quilómetros por hora",
        "-5 °C": "menos cinco graus Celsius",
        "user@example.com": "user arroba example ponto com",
        "a ONU e o CPF": "a ONU e o C P F",
        "2ª": "segunda",
        "os EUA": "os é U á",
    },
    "pt-BR": {
        "16": "dezesseis",
        "1 de maio": "primeiro de maio",
        "10 km": "dez quilômetros",
    },
    "de": {
        "3,14": "drei Komma eins vier",
        "1.234": "eintausendzweihundertvierunddreißig",
        "1984": "neunzehnhundertvierundachtzig",
        "1 Kind": "ein Kind",
        "14.30 Uhr": "vierzehn Uhr dreißig",
        "5,50 €": "fünf Euro fünfzig",
        "1,2 Mio. €": "eins Komma zwei Millionen Euro",
        "am 3. Mai 2024": "am dritten Mai zweitausendvierundzwanzig",
        "der 3. Mai": "der dritte Mai",
        "am 12.05.": "am zwölften Mai",
        "im 19. Jahrhundert": "im neunzehnten Jahrhundert",
        "Ludwig XIV. von Frankreich": "Ludwig der Vierzehnte von Frankreich",
        "20 %": "zwanzig Prozent",
        "10 km/h": "zehn Kilometer pro Stunde",
        "1 h": "eine Stunde",
        "z. B. ca. 5": "zum Beispiel circa fünf",
        "die EU und die NATO": "die E U und die NATO",
    },
}


@pytest.mark.parametrize(
    ("language", "written"), [(tag, text) for tag, cases in CASES.items() for text in cases]
)
def test_it_is_spoken_as_a_person_would(language: str, written: str) -> None:
    assert spoken_form(written, language).spoken == CASES[language][written]
