"""The sizes in the header of a WAV file that was written to a pipe."""

from __future__ import annotations

import struct
from typing import Final

_RIFF_HEADER: Final = 12
_CHUNK_HEADER: Final = 8


def with_sizes(audio: bytes) -> bytes:
    """Return the WAV file with its true sizes in place of the placeholders of a stream.

    Readers that trust the header would expect 4 GB. Anything else is returned unchanged.
    """
    if audio[:4] != b"RIFF" or audio[8:_RIFF_HEADER] != b"WAVE":
        return audio
    fixed = bytearray(audio)
    struct.pack_into("<I", fixed, 4, len(audio) - _CHUNK_HEADER)
    at = _RIFF_HEADER
    while at + _CHUNK_HEADER <= len(audio):
        name, size = struct.unpack_from("<4sI", audio, at)
        if name == b"data":
            struct.pack_into("<I", fixed, at + 4, len(audio) - at - _CHUNK_HEADER)
            break
        at += _CHUNK_HEADER + size + size % 2
    return bytes(fixed)
