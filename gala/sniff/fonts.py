"""Detection of font files."""

from __future__ import annotations

from typing import Final

_SIGNATURES: Final = {
    b"\0\1\0\0": "font/ttf",
    b"true": "font/ttf",
    b"OTTO": "font/otf",
    b"ttcf": "font/collection",
    b"wOFF": "font/woff",
    b"wOF2": "font/woff2",
}
_MOST_TABLES: Final = 256


def font(head: bytes) -> str | None:
    """Return the type of TrueType, OpenType and WOFF fonts and collections, or None."""
    mime = _SIGNATURES.get(head[:4])
    if mime in {"font/ttf", "font/otf"} and not _has_tables(head):
        # Databases, for example, begin with the same bytes.
        return None
    return mime


def _has_tables(head: bytes) -> bool:
    """Return True if the first table's tag is four printable characters, and there are some."""
    tables = int.from_bytes(head[4:6], "big")
    tag = head[12:16]
    return 0 < tables <= _MOST_TABLES and len(tag) == 4 and all(32 <= byte < 127 for byte in tag)
