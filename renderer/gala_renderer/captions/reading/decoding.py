"""The text of a file in an unknown encoding, as numbered lines."""

from __future__ import annotations

import codecs
import re
from typing import Final

from gala_renderer.captions.reading.cues import Lines
from gala_renderer.captions.reading.legacy_encodings import legacy_encoding

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES: Final = 64 * 1024
_LINE_END: Final = re.compile("\r*\n|\r|\u2028|\u2029|\x85")
_REPLACED: Final = "\ufffd"


def decoded(data: bytes) -> str:
    """Return the text of the file, whatever its encoding; line ends are ``\\n``."""
    text = data.decode(_encoding(data), errors="replace")
    return _LINE_END.sub("\n", text.lstrip("\ufeff").replace("\x00", ""))


def numbered(text: str) -> Lines:
    """Return the lines with their numbers, without the blank ones of double-spaced files."""
    lines = list(enumerate(text.split("\n"), 1))
    between = lines[1::2]
    if len(between) > 1 and not any(line.strip() for _, line in between):
        return lines[::2]
    return lines


def _encoding(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:_SAMPLE_BYTES]
    if head.count(0) > len(head) // 5:
        return "utf-16-be" if head[0:1] == b"\0" else "utf-16-le"
    if _decodes(data, "utf-8") or _is_damaged_utf8(data):
        return "utf-8"
    return legacy_encoding(data)


def _is_damaged_utf8(data: bytes) -> bool:
    """Return True if almost all non-ASCII characters are valid UTF-8."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count(_REPLACED)
    valid = sum(not character.isascii() for character in text) - broken
    return valid > 2 * broken


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
