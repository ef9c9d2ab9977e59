"""Writes XMP packets into finished files: MP4, MOV, JPEG and PNG.

FFmpeg writes none. The places are those of the XMP specification, part 3.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from pathlib import Path
from typing import Final

_BOX_UUID: Final = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
_SEGMENT_NAME: Final = b"http://ns.adobe.com/xap/1.0/\0"
_APP0: Final = b"\xff\xe0"
_APP1: Final = b"\xff\xe1"
_START_OF_IMAGE: Final = b"\xff\xd8"
_CHUNK_NAME: Final = b"XML:com.adobe.xmp"
PNG_HEADER_BYTES: Final = 33
"""The signature and the header chunk of a PNG; other chunks follow."""


def append_box(path: Path, packet: bytes) -> None:
    """Append the packet to an MP4 or MOV file, in a box of its own.

    At the end of the file, where no offset changes and the index stays in front of the data.
    """
    content = _BOX_UUID + packet
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(content), b"uuid") + content)


def insert_segment(path: Path, packet: bytes) -> None:
    """Insert the packet, of at most 65,000 bytes, into a JPEG file."""
    data = path.read_bytes()
    if not data.startswith(_START_OF_IMAGE):
        raise ValueError(f"{path.name} is no JPEG file")
    at = 2
    if data[at : at + 2] == _APP0:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    content = _SEGMENT_NAME + packet
    segment = _APP1 + struct.pack(">H", 2 + len(content)) + content
    path.write_bytes(data[:at] + segment + data[at:])


def png_chunk(packet: bytes) -> bytes:
    """Return the chunk with the packet, for a place after the first ``PNG_HEADER_BYTES``."""
    # Not compressed, no language, no translated keyword.
    content = b"iTXt" + _CHUNK_NAME + b"\0\0\0\0\0" + packet
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
