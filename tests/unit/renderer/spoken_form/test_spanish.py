"""Spanish: what is written is spoken as a person would."""

from __future__ import annotations

import pytest

from gala_renderer.speech.spoken_form.form import spoken_form

CASES = {
    "Tengo 3 gatos": "Tengo tres gatos",
    "hace 21 años": "hace veintiún años",
    "vinieron 200 personas": "vinieron doscientas personas",
    "Queda 1 plaza": "Queda una plaza",
    "son 31 días": "son treinta y un días",
    "1.234": "mil doscientos treinta y cuatro",
    "1.234.567,89": (
        "un millón doscientos treinta y cuatro mil quinientos sesenta y siete coma ochenta y nueve"
    ),
    "10 000": "diez mil",
    "21000 casas": "veintiún mil casas",
    "3,14": "tres coma catorce",
    "1,234": "uno coma dos tres cuatro",
    "12.5": "doce punto cinco",
    "0,05": "cero coma cero cinco",
    "007": "cero cero siete",
    "en 1984": "en mil novecientos ochenta y cuatro",
    "1.º": "primero",
    "2ª": "segunda",
    "el 3er piso": "el tercer piso",
    "12.05.2024": "doce de mayo de dos mil veinticuatro",
    "1/5/2024": "uno de mayo de dos mil veinticuatro",
    "2024-05-12": "doce de mayo de dos mil veinticuatro",
    "12 de mayo de 2024": "doce de mayo de dos mil veinticuatro",
    "el 10/12": "el diez de diciembre",
    "a las 14:30": "a las catorce treinta",
    "a las 9:15": "a las nueve y cuarto",
    "a las 9:00 h": "a las nueve en punto",
    "a la 1": "a la una",
    "a las 3:05 p. m.": "a las tres y cinco de la tarde",
    "5,50 €": "cinco euros con cincuenta céntimos",
    "€5.50": "cinco euros con cincuenta céntimos",
    "5 €": "cinco euros",
    "1 €": "un euro",
    "21 £": "veintiuna libras",
    "0,99 €": "noventa y nueve céntimos",
    "$1.2M": "uno punto dos millones de dólares",
    "1,2 millones de €": "uno coma dos millones de euros",
    "2.500 €/mes": "dos mil quinientos euros por mes",
    "1.000.000 €": "un millón de euros",
    "2.000.000 personas": "dos millones de personas",
    "en 16:9": "en dieciséis nueve",
    "20%": "veinte por ciento",
    "3,5 %": "tres coma cinco por ciento",
    "10 km/h": "diez kilómetros por hora",
    "-5 °C": "menos cinco grados Celsius",
    "25 m²": "veinticinco metros cuadrados",
    "1 h 30 min": "una hora treinta minutos",
    "+34 600 123 456": "más treinta y cuatro, seis cero cero, uno dos tres, cuatro cinco seis",
    "91 123 45 67": "nueve uno, uno dos tres, cuatro cinco, seis siete",
    "https://example.com/a?b=c": "example punto com barra a interrogación b igual a c",
    "user@example.com.": "user arroba example punto com.",
    "la UE": "la u e",
    "el DNI": "el de ene i",
    "la ONU y la NASA": "la ONU y la NASA",
    "ESTO ES UN DNI": "ESTO ES UN DNI",
    "el siglo XIV": "el siglo catorce",
    "Felipe II": "Felipe segundo",
    "Alfonso XIII": "Alfonso trece",
    "Isabel II.": "Isabel segunda.",
    "2–3 días": "dos a tres días",  # noqa: RUF001
    "10-15 km": "diez a quince kilómetros",
    "1/2": "medio",
    "3/4 de taza": "tres cuartos de taza",
    "10/12": "diez de doce",
    "24/7": "veinticuatro siete",
    "2½": "dos y medio",
    "😀": "cara sonriendo",
    "🚀🚀 ya": "cohete ya",
    "#MeToo": "hashtag Me Too",
    "@ana_ruiz": "arroba ana ruiz",
    "C++": "ce más más",
    "v2.0": "versión dos punto cero",
    "№ 5": "número cinco",
    "n.º 5": "número cinco",
    "sal & pimienta": "sal y pimienta",
    "2+2=4": "dos más dos igual a cuatro",
    "EE. UU.": "Estados Unidos",
    "El Sr. Pérez, etc.": "El señor Pérez, etcétera.",
}


@pytest.mark.parametrize("written", CASES)
def test_it_is_spoken_as_a_person_would(written: str) -> None:
    assert " ".join(spoken_form(written, "es").spoken.split()) == CASES[written]


def test_the_point_is_the_decimal_sign_in_mexico() -> None:
    assert spoken_form("$1,234.50", "es-MX").spoken == (
        "mil doscientos treinta y cuatro pesos con cincuenta centavos"
    )
