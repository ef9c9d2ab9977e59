"""Frame delays of animated pictures.

Those of a WebP are read from the headers of its chunks: the FFmpeg libraries inside PyAV may be too
old to read one, and Pillow would decode every frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

APNG_DEFAULT_FPS: Final = 10
"""Frames of an APNG without a delay last 100 ms, as in browsers and as FFmpeg has it for GIF."""

_RIFF_HEADER: Final = 12
_CHUNK_HEADER: Final = 8
_DELAY_AT: Final = 12
_DELAY_BYTES: Final = 3
_SHORTEST_MS: Final = 10
_USUAL_MS: Final = 100
"""Shorter delays than the shortest count as this, in browsers and in FFmpeg."""


def frame_delays(path: Path) -> list[int]:
    """Return the time that each frame of an animated WebP is shown, in milliseconds."""
    with path.open("rb") as file:
        delays = list(_stored_delays(file))
    return [delay if delay >= _SHORTEST_MS else _USUAL_MS for delay in delays]


def _stored_delays(file: BinaryIO) -> Iterator[int]:
    at = _RIFF_HEADER
    while True:
        file.seek(at)
        header = file.read(_CHUNK_HEADER)
        if len(header) < _CHUNK_HEADER:
            return
        if header[:4] == b"ANMF":
            frame = file.read(_DELAY_AT + _DELAY_BYTES)
            yield int.from_bytes(frame[_DELAY_AT:], "little")
        size = int.from_bytes(header[4:], "little")
        at += _CHUNK_HEADER + size + size % 2
