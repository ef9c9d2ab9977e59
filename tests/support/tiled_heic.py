"""A HEIC like those of phones: a grid of HEVC tiles with an ICC profile."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from tests.fakes.media_files import make

TILE: Final = 64
_SIDE: Final = 2
_TILES: Final = _SIDE * _SIDE
_GRID: Final = _TILES + 1
"""The item of the whole picture; the tiles are the items before it."""


def write_tiled_heic(path: Path, colour: str, profile: bytes) -> Path:
    """Write a picture of one colour, 120 x 100, from four tiles."""
    decoder, sample = _tile(path.with_suffix(".mp4"), colour)
    size = (120, 100)
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    at = len(head) + len(_meta(0, len(sample), decoder, size, profile)) + 8
    meta = _meta(at, len(sample), decoder, size, profile)
    path.write_bytes(head + meta + _box(b"mdat", sample))
    return path


def _tile(path: Path, colour: str) -> tuple[bytes, bytes]:
    """Return the decoder's configuration and the coded picture of a tile."""
    drawn = f"color=c={colour}:s={TILE}x{TILE}:d=0.04,format=rgb24"
    levels = "scale=out_color_matrix=bt601:out_range=pc,format=yuv420p"
    coded = ("-c:v", "libx265", "-x265-params", "log-level=none:range=full:qp=6", "-tag:v", "hvc1")
    make(path, "-f", "lavfi", "-i", f"{drawn},{levels}", "-frames:v", "1", *coded)
    data = path.read_bytes()
    return _find(data, b"hvcC"), _find(data, b"mdat")[8:]


def _find(data: bytes, name: bytes) -> bytes:
    at = data.index(name) - 4
    return data[at : at + struct.unpack_from(">I", data, at)[0]]


def _meta(at: int, length: int, decoder: bytes, size: tuple[int, int], profile: bytes) -> bytes:
    kinds = [*(b"hvc1",) * _TILES, b"grid"]
    items = [
        _full(b"infe", 2, struct.pack(">HH4s", item, 0, kind), b"\0")
        for item, kind in enumerate(kinds, 1)
    ]
    parts = struct.pack(f">HH{_TILES}H", _GRID, _TILES, *range(1, _GRID))
    grid = struct.pack(">BBBBHH", 0, 0, _SIDE - 1, _SIDE - 1, *size)
    return _full(
        b"meta",
        0,
        _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"pict"), b"\0"),
        _full(b"pitm", 0, struct.pack(">H", _GRID)),
        _full(b"iinf", 0, struct.pack(">H", _GRID), *items),
        _full(b"iref", 0, _box(b"dimg", parts)),
        _properties(decoder, size, profile),
        _box(b"idat", grid),
        _places(at, length, len(grid)),
    )


def _properties(decoder: bytes, size: tuple[int, int], profile: bytes) -> bytes:
    found = _box(
        b"ipco",
        decoder,
        _full(b"ispe", 0, struct.pack(">II", TILE, TILE)),
        _full(b"ispe", 0, struct.pack(">II", *size)),
        _box(b"colr", b"prof", profile),
    )
    of_item = {item: bytes((0x81, 2, 4)) for item in range(1, _GRID)} | {_GRID: bytes((3, 4))}
    used = [struct.pack(">HB", item, len(one)) + one for item, one in of_item.items()]
    return _box(b"iprp", found, _full(b"ipma", 0, struct.pack(">I", len(used)), *used))


def _places(at: int, length: int, grid: int) -> bytes:
    # All tiles are the same bytes; the grid lies in `idat`.
    tiles = [struct.pack(">HHHHII", item, 0, 0, 1, at, length) for item in range(1, _GRID)]
    whole = struct.pack(">HHHHII", _GRID, 1, 0, 1, 0, grid)
    return _full(b"iloc", 1, bytes((0x44, 0)), struct.pack(">H", _GRID), *tiles, whole)


def _box(name: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, name) + data


def _full(name: bytes, version: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24), *parts)
