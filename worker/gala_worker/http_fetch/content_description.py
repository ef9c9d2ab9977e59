"""Description of a fetched file by its bytes, as names and headers may be wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from gala.mime import SUFFIXES

_HEAD_BYTES: Final = 4096
_TEXTS: Final = (
    (re.compile(r"#EXTM3U"), "a playlist (HLS, M3U)"),
    (re.compile(r"ffconcat version"), "a list of files for FFmpeg (ffconcat)"),
    (re.compile(r"v=0\r?\n"), "a session description (SDP)"),
    (re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<MPD\b", re.DOTALL), "a playlist (DASH)"),
    (re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype html|<html|<head|<body)",
                re.IGNORECASE | re.DOTALL), "a web page (text/html)"),
)  # fmt: skip


def describe_content(path: Path, mime: str) -> str:
    """Return a description for a message, such as ``a web page (text/html)`` or ``video/mp4``."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        return "an empty file"
    if mime.startswith("text/") or mime not in SUFFIXES:
        text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        for pattern, description in _TEXTS:
            if pattern.match(text):
                return description
    return mime
