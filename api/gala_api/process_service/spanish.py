"""Spanish for what errors say about fields, addresses and files.

Messages are written in English where they arise; this module recognises the frequent ones by their
wording. A message that it does not know is left out of a Spanish answer: one sentence has one
language.
"""

from __future__ import annotations

import re
from typing import Final

_FIELD: Final = re.compile(r"(?P<field>[a-z_]+(?:\.\w+)*): (?P<sentence>.+)", re.DOTALL)

_SENTENCES: Final = tuple(
    (re.compile(english), spanish)
    for english, spanish in (
        (r"This field is required\.", "Falta este campo."),
        (
            r"There is no field of this name; did you mean '([^']*)'\?",
            r"No hay ningún campo con este nombre; ¿quiso decir '\1'?",
        ),
        (
            r"There is no field of this name\. Known here: (.*)",
            r"No hay ningún campo con este nombre. Los que hay: \1",
        ),
        (r"Input should be a valid string\.", "Debe ser un texto."),
        (r"Input should be a (?:valid|finite) number.*", "Debe ser un número."),
        (r"Input should be greater than or equal to (\S+)\.", r"Debe ser \1 o más."),
        (r"Input should be less than or equal to (\S+)\.", r"Debe ser \1 o menos."),
        (r"String should have at least (\d+) characters?\.", r"Largo mínimo: \1."),
        (r"String should have at most (\d+) characters?\.", r"Largo máximo: \1 caracteres."),
        (r"At least (\d+) items? (?:is|are) required\.", r"Cantidad mínima: \1."),
        (r"At most (\d+) items? (?:is|are) allowed\.", r"Cantidad máxima: \1."),
        (r"A list is required\.", "Debe ser una lista."),
        (r"An object is required\.|Input should be a valid dictionary.*", "Debe ser un objeto."),
        (
            r"Text to be seen is required.*|A line to be seen is required.*",
            "Debe ser un texto visible, sin caracteres de control.",
        ),
        (r"must be later than (\S+)\.", r"Debe ser posterior a \1."),
        (
            r"must be seconds .*",
            "Deben ser segundos (83.5) o un código de tiempo (1:23.5, 00:01:23.500).",
        ),
        (
            r"must be between 0 and (\S+) seconds\.",
            r"Debe estar entre 0 y \1 segundos.",
        ),
        (
            r"(\S+) s is past the end of the file, which is (\S+) s long\.",
            r"El segundo \1 está después del final del archivo, que dura \2 s.",
        ),
        (
            r"must be a position .*",
            (
                "Debe ser una posición (centro, arriba, abajo-izquierda, top, bottom-right …) o las"
                ' coordenadas de la esquina superior izquierda del texto ("120,80", [120, 80] o'
                ' {"x": 120, "y": 80}: píxeles hasta 4096, o fracciones del cuadro hasta 1).'
            ),
        ),
        (
            r"must be #rrggbb, #rgb or a color name of CSS.*",
            "Debe ser #rrggbb, #rgb o un nombre de color de CSS, como white.",
        ),
        (r"'([^']*)' is not an asset id\.", r"'\1' no es el id de un archivo."),
        (
            r"GALA fetches from public addresses only.*",
            "Solo se descargan archivos de direcciones públicas, y esta no lo es.",
        ),
        (
            r"GALA fetches from the ports 80 and 443 only, not from (\d+)\.",
            r"Solo se descargan archivos de los puertos 80 y 443, no del \1.",
        ),
        (r"Only http:// and https:// URLs are fetched\.", "La URL debe empezar con http(s)://."),
        (r"This is not a URL\.|This URL names no host\.", "Esto no es una URL."),
        (
            r"A URL may not carry a user name or password\.",
            "La URL no puede llevar usuario ni contraseña.",
        ),
        (r"The host name (\S+) is not found\.", r"No se encuentra el servidor \1."),
        (
            r"The server answers (\d+) instead of the file\.",
            r"El servidor responde \1 en lugar del archivo.",
        ),
        (r"The server sends nothing or is too slow\.", "El servidor no envía nada o es muy lento."),
        (r"The server does not respond properly\.", "El servidor no responde bien."),
        (
            r"The file is larger than the (\S+) bytes that GALA fetches\.",
            r"El archivo pesa más de \1 bytes, el máximo que se descarga.",
        ),
        (r"(\S+) is (\S+/\S+); \S+ requires .*", r"El archivo \1 es de tipo \2."),
        (r"The file has audio, but no video\.", "El archivo tiene audio, pero no video."),
        (r"this file has no picture\.", "El archivo no tiene imagen."),
        (r"A JSON body is required\.", "El cuerpo debe ser JSON."),
        (r"The body is not valid JSON: .*", "El cuerpo no es JSON válido."),
        (r"This field occurs twice\.", "Este campo aparece dos veces."),
        (r"This number is out of range\.", "Este número es demasiado grande."),
        (r"The character U\+0000 is not allowed\.", "No se permite el carácter U+0000."),
    )
)


def in_spanish(message: str) -> str | None:
    """Return the message in Spanish, or None if its wording is not known.

    The field at its start is kept: ``text: This field is required.`` → ``text: Falta este campo.``
    """
    match = _FIELD.fullmatch(message)
    field, sentence = (f"{match['field']}: ", match["sentence"]) if match else ("", message)
    for english, spanish in _SENTENCES:
        found = english.fullmatch(sentence)
        if found is not None:
            return field + found.expand(spanish)
    return None
