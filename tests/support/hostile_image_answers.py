"""Hostile answers of an image service."""

from __future__ import annotations

import struct
import zlib
from typing import Final


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1024**2))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels)


def _jpeg_with_its_size_far_behind() -> bytes:
    part = b"\xff\xe1\xff\xff" + bytes(0xFFFF - 2)
    size = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 64, 64) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + part * 65 + size


TRAPS: Final = {
    "a page": b"<html>welcome</html>",
    "nothing": b"",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a film": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64),
    "60,000 pixels square": _png(60_000, 60_000),
    "no pixels at all": _png(0, 7),
    "a header alone": _png(64, 64)[:20],
    "a size after 4 MB": _jpeg_with_its_size_far_behind(),
}
"""Bytes sent instead of an image."""
