"""What is taken from a service: it sends what nobody has looked at yet."""

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

MOST_PIXELS: Final = 40_000_000
"""Width times height of a picture; no more is decoded by the engine either."""
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})

_MEGABYTE: Final = 1024**2
_MOST_BYTES: Final[Mapping[MediaClass, int]] = MappingProxyType(
    {
        MediaClass.IMAGE: 64 * _MEGABYTE,
        MediaClass.AUDIO: 256 * _MEGABYTE,
        MediaClass.VIDEO: 1024 * _MEGABYTE,
    }
)
_MOST_JSON: Final = 384 * _MEGABYTE
"""It is read as a whole."""
_MOST_HEADER: Final = 4 * _MEGABYTE
"""Before a picture's size; millions of empty parts may stand there, each to be skipped."""


def most_bytes(media: MediaClass, kind: str = "") -> int:
    """The largest answer, in bytes, whose content type is ``kind``."""
    raw = _MOST_BYTES[media]
    # Base64 is a third longer, and something stands around it.
    return min(_MOST_JSON, raw * 3 // 2) if "json" in kind else raw


def checked(path: Path, media: MediaClass) -> str:
    """The MIME type that the file's bytes have; raises ``RenderFailed`` if it is not taken."""
    size = path.stat().st_size
    if size > most_bytes(media):
        raise RenderFailed(f"The service sent an {media} of {size} bytes, which is too large.")
    mime = sniff.sniff(path)
    if media is MediaClass.IMAGE:
        _check_picture(path, mime)
    elif media_class(mime) is not media:
        raise RenderFailed(f"The service sent no {media} but {mime}.")
    return mime


def _check_picture(path: Path, mime: str) -> None:
    if mime not in PICTURES:
        taken = ", ".join(sorted(PICTURES))
        raise RenderFailed(f"The service sent {mime}; pictures that are taken are {taken}.")
    with path.open("rb") as file:
        header = file.read(_MOST_HEADER)
    # Nothing is decoded that may be a trap.
    width, height = imagesize.get(io.BytesIO(header))
    if width < 1 or height < 1:
        raise RenderFailed("The service sent a picture that is damaged.")
    if width * height > MOST_PIXELS:
        raise RenderFailed(
            f"The service sent a picture of {width} x {height};"
            f" at most {MOST_PIXELS // 1_000_000} megapixels are taken."
        )
