"""ICC profiles of RGB colour spaces that a file names or describes without a profile."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

Vector: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Vector, Vector, Vector]
"""Three columns."""
Curve: TypeAlias = tuple[float, ...]
"""A gamma, or the five numbers of the parametric curve of type 3."""


class Chromaticities(NamedTuple):
    """The x and y of white, red, green and blue."""

    white: tuple[float, float]
    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]


_D65: Final = (0.3127, 0.3290)
SRGB_CURVE: Final[Curve] = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB_PRIMARIES: Final = Chromaticities(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))

# By FFmpeg's names of the numbers of ISO/IEC 23091-2.
PRIMARIES: Final = {
    "bt709": SRGB_PRIMARIES,
    "bt470bg": Chromaticities(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    "smpte170m": Chromaticities(_D65, (0.63, 0.34), (0.31, 0.595), (0.155, 0.07)),
    "smpte240m": Chromaticities(_D65, (0.63, 0.34), (0.31, 0.595), (0.155, 0.07)),
    "bt2020": Chromaticities(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "smpte431": Chromaticities((0.314, 0.351), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
    "smpte432": Chromaticities(_D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
# The camera curve of BT.709 is shown as sRGB, as it is in videos.
CURVES: Final[dict[str, Curve]] = {
    "bt709": SRGB_CURVE,
    "smpte170m": SRGB_CURVE,
    "bt2020-10": SRGB_CURVE,
    "bt2020-12": SRGB_CURVE,
    "iec61966-2-1": SRGB_CURVE,
    "bt470m": (2.2,),
    "bt470bg": (2.8,),
    "linear": (1.0,),
}

_D50: Final[Vector] = (0.9642, 1.0, 0.8249)
_BRADFORD: Final[Matrix] = (
    (0.8951, -0.7502, 0.0389),
    (0.2664, 1.7135, -0.0685),
    (-0.1614, 0.0367, 1.0296),
)
"""From XYZ to the responses of the eye's cones, to which a change of white applies."""
_SMALLEST: Final = 1e-3
_LARGEST: Final = 1 << 15
_HEADER: Final = 128


def rgb_profile(corners: Chromaticities, curve: Curve) -> bytes | None:
    """Return the profile of that colour space; ``None`` if there can be no such space."""
    if any(y < _SMALLEST for _, y in corners) or not _SMALLEST < curve[0] < _LARGEST:
        return None
    white, *colours = (_point(corner) for corner in corners)
    mixed: Matrix = (colours[0], colours[1], colours[2])
    if abs(_determinant(mixed)) < _SMALLEST:
        return None
    columns = [
        _adapted(_scaled(colour, amount), white)
        for colour, amount in zip(mixed, _solved(mixed, white), strict=True)
    ]
    if any(abs(number) >= _LARGEST for column in columns for number in column):
        return None
    tags = {b"wtpt": _xyz(_D50)}
    for column, letter in zip(columns, (b"r", b"g", b"b"), strict=True):
        tags[letter + b"XYZ"] = _xyz(column)
        tags[letter + b"TRC"] = _curve(curve)
    return _profile(tags)


def _point(at: tuple[float, float]) -> Vector:
    return at[0] / at[1], 1.0, (1 - at[0] - at[1]) / at[1]


def _scaled(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def _adapted(colour: Vector, white: Vector) -> Vector:
    """Return the colour as it looks under D50, the white of all profiles."""
    seen, before, after = (_times(_BRADFORD, one) for one in (colour, white, _D50))
    scaled = [s * a / b for s, a, b in zip(seen, after, before, strict=True)]
    return _solved(_BRADFORD, (scaled[0], scaled[1], scaled[2]))


def _times(matrix: Matrix, vector: Vector) -> Vector:
    parts = [_scaled(column, n) for column, n in zip(matrix, vector, strict=True)]
    x, y, z = (sum(row) for row in zip(*parts, strict=True))
    return x, y, z


def _determinant(matrix: Matrix) -> float:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return a * (e * i - f * h) - d * (b * i - c * h) + g * (b * f - c * e)


def _solved(matrix: Matrix, vector: Vector) -> Vector:
    """Return the vector by which the matrix must be multiplied to give ``vector``."""
    whole = _determinant(matrix)
    first, second, third = matrix
    return (
        _determinant((vector, second, third)) / whole,
        _determinant((first, vector, third)) / whole,
        _determinant((first, second, vector)) / whole,
    )


def _fixed(numbers: Sequence[float]) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _xyz(values: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _curve(curve: Curve) -> bytes:
    kind = 0 if len(curve) == 1 else 3
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed(curve)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    at = _HEADER + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(data), len(content))
        data += content + b"\0" * (-len(content) % 4)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x", at + len(data), 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    return (header + _fixed(_D50)).ljust(_HEADER, b"\0") + table + data
