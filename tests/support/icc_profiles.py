"""ICC profiles of well-known colour spaces, and hostile ones, as bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

Chromaticity = tuple[float, float]
Matrix = npt.NDArray[np.float64]

_D50: Final = np.array([0.9642, 1.0, 0.8249])
_D65: Final = (0.3127, 0.3290)
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_SRGB_CURVE: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def display_p3() -> bytes:
    """Return the profile of iPhone photos."""
    return _rgb("Display P3", ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), _D65, _SRGB_CURVE)


def srgb() -> bytes:
    """Return a profile that describes sRGB."""
    return _rgb("Some sRGB", ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), _D65, _SRGB_CURVE)


def adobe_rgb() -> bytes:
    """Return the profile of AdobeRGB (1998)."""
    return _rgb("A98C", ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), _D65, (2.19921875,))


def prophoto() -> bytes:
    """Return the profile of ProPhoto RGB, whose white is D50."""
    corners = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))
    return _rgb("ProPhoto", corners, (0.3457, 0.3585), (1.8,))


def grey(gamma: float) -> bytes:
    """Return the profile of a grey picture."""
    tags = {"desc": _text("Grey"), "cprt": _text("-"), "wtpt": _xyz(_D50), "kTRC": _curve((gamma,))}
    return _profile(b"GRAY", b"XYZ ", tags)


def cmyk() -> bytes:
    """Return a profile of four inks with a table of two steps each."""
    table = bytearray()
    for cyan, magenta, yellow, black in product((0.0, 1.0), repeat=4):
        light = (1 - black) * (1 - 0.4 * cyan) * (1 - 0.5 * magenta) * (1 - 0.05 * yellow)
        a = (1 - black) * (75 * magenta - 35 * cyan)
        b = (1 - black) * (90 * yellow - 50 * cyan - 5 * magenta)
        table += bytes((round(255 * light), _centred(a), _centred(b)))
    head = struct.pack(">4B", 4, 3, 2, 0) + b"".join(
        struct.pack(">i", 65536 * (at % 4 == 0)) for at in range(9)
    )
    straight = bytes(range(256))
    lut = b"mft1\0\0\0\0" + head + straight * 4 + bytes(table) + straight * 3
    tags = {"desc": _text("Inks"), "cprt": _text("-"), "wtpt": _xyz(_D50), "A2B0": lut}
    return _profile(b"CMYK", b"Lab ", tags, device=b"prtr")


def _centred(value: float) -> int:
    return min(255, max(0, round(value + 128)))


def hostile() -> Mapping[str, bytes]:
    """Return profiles that no program should trust."""
    good = display_p3()
    broken = bytearray(good)
    broken[128:132] = struct.pack(">I", 0x7FFFFFFF)
    outside = bytearray(good)
    outside[136:140] = struct.pack(">I", 0xFFFFFF00)
    return {
        "empty": b"\0" * 128,
        "words": b"not a profile at all" * 40,
        "cut": good[:200],
        "tags": bytes(broken),
        "offset": bytes(outside),
        "inks in a picture of three colours": cmyk(),
    }


def _rgb(
    name: str, corners: Sequence[Chromaticity], white: Chromaticity, curve: Sequence[float]
) -> bytes:
    columns = _to_d50(white) @ _to_xyz(corners, white)
    tags = {"desc": _text(name), "cprt": _text("-"), "wtpt": _xyz(_D50)}
    for at, letter in enumerate("rgb"):
        tags[f"{letter}XYZ"] = _xyz(columns[:, at])
        tags[f"{letter}TRC"] = _curve(curve)
    return _profile(b"RGB ", b"XYZ ", tags)


def _to_xyz(corners: Sequence[Chromaticity], white: Chromaticity) -> Matrix:
    mixed = np.array([_point(corner) for corner in corners]).T
    return np.asarray(mixed * np.linalg.solve(mixed, _point(white)))


def _to_d50(white: Chromaticity) -> Matrix:
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ _point(white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD)


def _point(at: Chromaticity) -> Matrix:
    return np.array([at[0] / at[1], 1.0, (1 - at[0] - at[1]) / at[1]])


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: npt.ArrayLike) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(float(one)) for one in np.asarray(values))


def _curve(numbers: Sequence[float]) -> bytes:
    kind = 0 if len(numbers) == 1 else 3
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(_fixed(n) for n in numbers)


def _text(words: str) -> bytes:
    coded = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(coded), 28) + coded


def _profile(
    space: bytes, connection: bytes, tags: Mapping[str, bytes], *, device: bytes = b"mntr"
) -> bytes:
    at = 132 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        padded = content + b"\0" * (-len(content) % 4)
        table += struct.pack(">4sII", name.encode(), at + len(data), len(content))
        data += padded
    header = struct.pack(
        ">I4sI4s4s4s12s4s", at + len(data), b"\0" * 4, 0x04200000, device, space, connection,
        b"\0" * 12, b"acsp",
    )  # fmt: skip
    header += b"\0" * 28 + b"".join(_fixed(float(one)) for one in _D50)
    return header.ljust(128, b"\0") + table + data
