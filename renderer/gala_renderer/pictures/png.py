"""What the chunks of a PNG say about its colours, read without decoding it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = 8
_CRC: Final = 4
_LARGEST_CHUNK: Final = 16 * 1024 * 1024
_LARGEST_PROFILE: Final = 16 * 1024 * 1024
"""Bytes; those of printers have two or three megabytes."""
_COLOUR_CHUNKS: Final = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")


class Chunk(NamedTuple):
    """A chunk's type, its data, and where it begins and ends in the file."""

    name: bytes
    data: bytes
    start: int
    end: int


def colour_chunks(path: Path) -> dict[bytes, Chunk]:
    """Return the chunks that describe the colours, by their type; none if it is not a PNG."""
    with path.open("rb") as file:
        return {chunk.name: chunk for chunk in _before_pixels(file)}


def _before_pixels(file: BinaryIO) -> Iterator[Chunk]:
    if file.read(_HEAD) != _SIGNATURE:
        return
    at = _HEAD
    while len(head := file.read(_HEAD)) == _HEAD:
        size, name = struct.unpack(">I4s", head)
        if name == b"IDAT":
            return
        end = at + _HEAD + size + _CRC
        if name in _COLOUR_CHUNKS and size <= _LARGEST_CHUNK:
            yield Chunk(name, file.read(size), at, end)
        file.seek(end)
        at = end


def embedded_profile(chunk: Chunk) -> bytes | None:
    """Return the ICC profile of an ``iCCP`` chunk; ``None`` if it is damaged or far too large."""
    _, _, packed = chunk.data.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed[1:], _LARGEST_PROFILE)
    except zlib.error:
        return None
    return profile if unpacking.eof else None


def open_readable(path: Path) -> BinaryIO:
    """Open a file; a PNG without its ICC profile if decoders would fail at it."""
    chunk = colour_chunks(path).get(b"iCCP")
    if chunk is None or embedded_profile(chunk) is not None:
        return path.open("rb")
    whole = path.read_bytes()
    return io.BytesIO(whole[: chunk.start] + whole[chunk.end :])
