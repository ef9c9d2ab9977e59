"""Limits and checks of the files that a service sends, which are untrusted."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import imagesize

from gala import sniff
from gala.errors import RenderFailed
from gala.media import MediaClass, media_class

MAX_PIXELS: Final = 40_000_000
"""Width times height of an image; the engine's decoder has the same limit."""
IMAGE_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})

_MEGABYTE: Final = 1024**2
_MAX_BYTES: Final[Mapping[MediaClass, int]] = MappingProxyType(
    {
        MediaClass.IMAGE: 64 * _MEGABYTE,
        MediaClass.AUDIO: 256 * _MEGABYTE,
        MediaClass.VIDEO: 1024 * _MEGABYTE,
    }
)
_MAX_JSON: Final = 384 * _MEGABYTE
"""JSON is read into memory as a whole."""
_MAX_HEADER: Final = 4 * _MEGABYTE
"""How far an image's size is searched: a file may have millions of empty chunks before it."""


def max_bytes(media: MediaClass, content_type: str = "") -> int:
    """Return the size limit in bytes of a response with this content type."""
    raw = _MAX_BYTES[media]
    # Base64 is longer by a third, and is surrounded by other fields.
    return min(_MAX_JSON, raw * 3 // 2) if "json" in content_type else raw


def check_file(path: Path, media: MediaClass) -> str:
    """Return the MIME type detected from the content; raise ``RenderFailed`` if not accepted."""
    size = path.stat().st_size
    if size > max_bytes(media):
        raise RenderFailed(f"The service sent an {media} of {size} bytes, which is too large.")
    mime = sniff.sniff(path)
    if media is MediaClass.IMAGE:
        _check_image(path, mime)
    elif media_class(mime) is not media:
        raise RenderFailed(f"The service sent no {media} but {mime}.")
    return mime


def _check_image(path: Path, mime: str) -> None:
    if mime not in IMAGE_TYPES:
        accepted = ", ".join(sorted(IMAGE_TYPES))
        raise RenderFailed(f"The service sent {mime}; accepted image types are {accepted}.")
    with path.open("rb") as file:
        header = file.read(_MAX_HEADER)
    # The header is parsed without decoding the image, which may be malicious.
    width, height = imagesize.get(io.BytesIO(header))
    if width < 1 or height < 1:
        raise RenderFailed("The service sent a damaged image.")
    if width * height > MAX_PIXELS:
        raise RenderFailed(
            f"The service sent an image of {width} x {height} pixels;"
            f" at most {MAX_PIXELS // 1_000_000} megapixels are accepted."
        )
