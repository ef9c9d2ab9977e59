"""Description of a fetched file by its bytes, as names and headers may be wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from gala.mime import SUFFIXES
from gala.sniff.text import SUBTITLES

_HEAD_BYTES: Final = 4096
_XML: Final = r"<\?xml\b[^>]*>\s*"
_COMMENTS: Final = r"(?:<!--.*?-->\s*)*"
_PROLOGUE: Final = rf"(?:{_XML})?{_COMMENTS}"
_HTML: Final = (
    r"<(?:!doctype html|html|head|body|title|meta|link|script|style|div|p|h\d|center|iframe)\b"
)
_TEXTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), description)
    for pattern, description in (
        (r"#EXTM3U", "a playlist (HLS, M3U)"),
        (r"ffconcat version", "a list of files for FFmpeg (ffconcat)"),
        (r"v=0\r?\n", "a session description (SDP)"),
        (rf"{_PROLOGUE}<MPD\b", "a playlist (DASH)"),
        (rf"{_PROLOGUE}{_HTML}", "a web page (text/html)"),
        (rf"{_PROLOGUE}<(?:!doctype svg|svg)\b", "an SVG picture (image/svg+xml)"),
        # TTML subtitles are XML, too.
        (rf"{_XML}{_COMMENTS}<(?!(?:\w+:)?tt\b)", "an XML document (text/xml)"),
    )
)


def describe_content(path: Path, mime: str) -> str:
    """Return a description for a message, such as ``a web page (text/html)`` or ``video/mp4``."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        return "an empty file"
    if mime not in SUBTITLES and (mime.startswith("text/") or mime not in SUFFIXES):
        text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        for pattern, description in _TEXTS:
            if pattern.match(text):
                return description
    return mime
