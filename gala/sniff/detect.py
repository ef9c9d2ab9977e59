"""Detects the type of a file from its first bytes, regardless of its name or declared type."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gala.sniff.containers import ebml, iso_media, ogg, riff
from gala.sniff.elementary_streams import id3_length, is_adts, is_mpeg_audio, is_transport_stream
from gala.sniff.fonts import font
from gala.sniff.text import text_type

UNKNOWN: Final = "application/octet-stream"
_HEAD: Final = 64 * 1024
_PDF: Final = b"%PDF-"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_BMP_HEADER_SIZES: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
_PREFIXES: Final = (
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)
# puremagic knows hundreds of formats; matches below this confidence are mostly coincidence.
_MIN_CONFIDENCE: Final = 0.4
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.ASCII)
_EXECUTABLE_IN_BROWSER = re.compile(r"html|xml|svg|script|shockwave|java")


def sniff(path: Path) -> str:
    """Return the MIME type of the file's content; ``application/octet-stream`` if unknown.

    HTML, SVG and scripts are ``text/plain``: no type that a browser would execute is returned.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        tag = id3_length(head)
        if tag is not None:
            file.seek(tag)
            return _tagged_audio(file.read(_HEAD))
    return _mime_of(head, whole=len(head) < _HEAD)


def _mime_of(head: bytes, *, whole: bool) -> str:
    if head.startswith(_PDF):
        return "application/pdf"
    # Text is checked before signatures: content that is text throughout is not an image, whatever
    # letters it begins with.
    return text_type(head, whole=whole) or _signature(head) or _rare(head) or UNKNOWN


def _tagged_audio(after_tag: bytes) -> str:
    """Return the type of what follows an ID3 tag: not only MP3 files have such tags."""
    if after_tag.startswith(b"fLaC"):
        return "audio/flac"
    return "audio/aac" if is_adts(after_tag) else "audio/mpeg"


def _signature(head: bytes) -> str | None:
    for prefix, mime in _PREFIXES:
        if head.startswith(prefix):
            return mime
    for detector in _DETECTORS:
        if mime_or_none := detector(head):
            return mime_or_none
    return None


def _png(head: bytes) -> str | None:
    if not head.startswith(_PNG):
        return None
    # The animation control chunk must precede the image data.
    return "image/apng" if b"acTL" in head.partition(b"IDAT")[0] else "image/png"


def _bmp(head: bytes) -> str | None:
    header_size = int.from_bytes(head[14:18], "little")
    return "image/bmp" if head[:2] == b"BM" and header_size in _BMP_HEADER_SIZES else None


def _stream(head: bytes) -> str | None:
    """Detect formats without a signature by several consecutive frames."""
    if is_transport_stream(head):
        return "video/mp2t"
    if is_adts(head):
        return "audio/aac"
    return "audio/mpeg" if is_mpeg_audio(head) else None


_DETECTORS: Final[tuple[Callable[[bytes], str | None], ...]] = (
    _png,
    iso_media,
    ebml,
    riff,
    ogg,
    _bmp,
    font,
    _stream,
)


def _rare(head: bytes) -> str | None:
    """Return puremagic's result for other formats, if its confidence is high enough."""
    import puremagic  # noqa: PLC0415 - reads its tables at import

    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    for match in matches:
        mime = match.mime_type.lower()
        if match.confidence < _MIN_CONFIDENCE:
            return None
        if _MIME.fullmatch(mime) and not _EXECUTABLE_IN_BROWSER.search(mime):
            return str(mime)
    return None
