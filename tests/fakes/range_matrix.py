"""The result of `Range` headers for an object of `SIZE` bytes; None is the whole object."""

from __future__ import annotations

from typing import Final

SIZE: Final = 1000

Part = tuple[int, int]

SATISFIABLE: Final[dict[str, Part]] = {
    "bytes=0-0": (0, 0),
    "bytes=0-499": (0, 499),
    "bytes=500-999": (500, 999),
    "bytes=999-999": (999, 999),
    "bytes=0-": (0, 999),
    "bytes=999-": (999, 999),
    "bytes=-1": (999, 999),
    "bytes=-1000": (0, 999),
}
"""Ranges that every server interprets alike."""

LENIENT: Final[dict[str, Part]] = {
    "bytes=990-5000": (990, 999),
    "bytes=-5000": (0, 999),
    "bytes=0-99999999999999999999999999": (0, 999),
    "bytes=-99999999999999999999999999": (0, 999),
    "bytes=000010-00000000000000000000000000000000019": (10, 19),
    "BYTES=1-2": (1, 2),
    "bytes= 1-2": (1, 2),
    "bytes=1-2,": (1, 2),
    "bytes=,1-2": (1, 2),
}
"""Ranges past the end, or written in an unusual way."""

IGNORED: Final = (
    "items=0-1",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=--5",
    "bytes=abc",
    "bytes=1-x",
    "bytes=x-1",
    "bytes=5-3",
    "bytes=5000-3",
    "bytes=1.5-3",
    "bytes=+1-3",
    "bytes=0x0-1",
    "bytes=\uff11-\uff12",
    "bytes:0-1",
    "bytes 0-1",
    "bytes=0-1,5-6",
    "bytes=0-1,2000-",
    "bytes=0-0,-1",
    "bytes=0-1;5-6",
    "",
)
"""Other units, malformed ranges, several of them: the whole object is sent."""

UNSATISFIABLE: Final = (
    "bytes=1000-",
    "bytes=1000-1000",
    "bytes=5000-6000",
    "bytes=99999999999999999999999999-",
    "bytes=-0",
)
"""Well-formed ranges outside the object."""
