"""Detection of text files, JSON and subtitles."""

from __future__ import annotations

import codecs
import json
import re
from typing import Final

SUBRIP: Final = "application/x-subrip"
WEBVTT: Final = "text/vtt"
ASS: Final = "text/x-ssa"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TIME = r"\d{1,3}:\d{1,2}:\d{1,2}[,.]\d{1,3}"
_SUBRIP = re.compile(rf"\s*(?:\d+[ \t]*\r?\n\s*)?{_TIME}[ \t]*-->[ \t]*{_TIME}", re.ASCII)
_WEBVTT = re.compile(r"WEBVTT(?:[ \t\r\n]|$)")
_ASS = re.compile(r"(?:\s|;[^\n]*\n)*\[Script Info\]", re.IGNORECASE)
_JSON_BEGINS = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{"])')


def text_type(head: bytes, *, whole: bool) -> str | None:
    """Return the type of a UTF-8 text; None for other content.

    Subtitles are also detected in legacy encodings: UTF-16 and Windows-1252.
    """
    text = _utf8(head, whole=whole)
    if text is None:
        return _legacy_subtitles(head)
    if not text.strip():
        return "text/plain" if text else None
    return _subtitles(text) or ("application/json" if _is_json(text, whole=whole) else "text/plain")


def _utf8(head: bytes, *, whole: bool) -> str | None:
    try:
        # A character cut off at the end of `head` does not make it binary.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=whole)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _legacy_subtitles(head: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _subtitles(head[len(mark) :].decode(encoding, "replace"))
    text = head.decode("windows-1252", "replace")
    return None if _CONTROL.search(text) else _subtitles(text)


def _subtitles(text: str) -> str | None:
    for pattern, mime in ((_WEBVTT, WEBVTT), (_SUBRIP, SUBRIP), (_ASS, ASS)):
        if pattern.match(text):
            return mime
    return None


def _is_json(text: str, *, whole: bool) -> bool:
    if not _JSON_BEGINS.match(text):
        return text.strip() in {"{}", "[]"}
    if not whole:
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
