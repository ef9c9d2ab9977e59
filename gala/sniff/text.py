"""Detection of text files, JSON and subtitles."""

from __future__ import annotations

import codecs
import json
import re
from itertools import islice
from typing import Final

from gala.subtitle_times import timing

SUBRIP: Final = "application/x-subrip"
WEBVTT: Final = "text/vtt"
ASS: Final = "text/x-ssa"
LYRICS: Final = "text/x-lrc"
MICRODVD: Final = "text/x-microdvd"
MPL2: Final = "text/x-mpl2"
SUBTITLES: Final = frozenset({SUBRIP, WEBVTT, ASS, LYRICS, MICRODVD, MPL2})
"""The types of subtitle files; SBV counts as SubRip, which it resembles."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BEGINNING: Final = 4096
_FIRST_LINES: Final = 12
"""A timing line of SubRip is one of the first lines with text; some have credits before it."""
_LINE_END = re.compile(r"[\r\n\u2028]+")
_WEBVTT = re.compile(r"\s*WEBVTT(?:[ \t\r\n]|$)")
_ASS = re.compile(r"(?:\s|;[^\n]*\n)*\[Script Info\]", re.IGNORECASE)
_LYRICS = re.compile(r"\s*(?:\[[a-zA-Z#]{1,10}:[^\]\r\n]*\]\s*)*\[\d{1,3}:\d{2}[.:]\d{2,3}\]")
_MICRODVD = re.compile(r"\s*\{\d{1,9}\}\{\d{1,9}\}")
_MPL2 = re.compile(r"\s*\[\d{1,9}\]\[\d{1,9}\]")
_TAGGED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:SAMI|tt)\b", re.IGNORECASE)
_FORMATS: Final = (
    (_WEBVTT, WEBVTT), (_ASS, ASS), (_LYRICS, LYRICS), (_MICRODVD, MICRODVD), (_MPL2, MPL2),
    # Browsers would execute what such files may contain.
    (_TAGGED, "text/plain"),
)  # fmt: skip
_JSON_BEGINS = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{"])')


def text_type(head: bytes, *, whole: bool) -> str | None:
    """Return the type of a UTF-8 text; None for other content.

    Subtitles are also detected in legacy encodings, UTF-16 with and without its mark included, and
    with the control characters that some editors leave.
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
    if head.count(0) > len(head) // 5:
        return _subtitles(head.replace(b"\0", b"").decode("windows-1252", "replace"))
    return _subtitles(head.decode("windows-1252", "replace").replace("\0", ""))


def _subtitles(text: str) -> str | None:
    text = text.lstrip("\ufeff")
    if _is_subrip(text) and not _WEBVTT.match(text):
        return SUBRIP
    return next((mime for pattern, mime in _FORMATS if pattern.match(text)), None)


def _is_subrip(text: str) -> bool:
    first_lines = islice(filter(str.strip, _LINE_END.split(text[:_BEGINNING])), _FIRST_LINES)
    return any(timing(line) for line in first_lines)


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
