"""File names from clients, made safe to display, to store, and to put into a header."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final
from urllib.parse import quote

MAX_LENGTH: Final = 200
"""In characters; file systems allow 255 bytes, and browsers add to the names of downloads."""

_FALLBACK = "file"
# Marks that reorder text make `photo\u202egpj.exe` look like `photoexe.jpg`.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
# Some browsers decode `%41` in a plain filename, others do not.
_UNSAFE_IN_QUOTES = frozenset('"\\%')


class Disposition(StrEnum):
    """What a browser does with the bytes: show them or save them."""

    INLINE = "inline"
    ATTACHMENT = "attachment"


def clean_filename(name: str) -> str:
    """Return the last part of a name without control characters; never empty, for display only."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if character not in _REORDERING and unicodedata.category(character) not in _INVISIBLE
    )
    return _shortened(" ".join(visible.split()).strip(" .")) or _FALLBACK


def content_disposition(disposition: Disposition, filename: str) -> str:
    """Return a ``Content-Disposition`` value (RFC 6266) that all clients read alike."""
    name = clean_filename(filename)
    plain = "".join(
        character if character.isascii() and character not in _UNSAFE_IN_QUOTES else "_"
        for character in name
    )
    value = f'{disposition}; filename="{plain}"'
    if plain == name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name, safe='')}"


def _shortened(name: str) -> str:
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 16:
        return name[:MAX_LENGTH]
    return f"{stem[: MAX_LENGTH - len(suffix) - 1]}.{suffix}"
