"""Color tables in three dimensions (``.cube``): read strictly, computed from filters, written.

FFmpeg reads only tables that are written here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala.errors import UnprocessableMedia
from gala.timeline.document.looks import ColorFilters
from gala.timeline.sources import NamedFile

MAX_BYTES: Final = 16 * 1024**2
MAX_SIZE: Final = 65
MAX_LINE: Final = 400
MAX_1D: Final = 65_536
_USUAL_SIZE: Final = 33
_LARGEST: Final = 100.0
_LUMA: Final = (0.2126, 0.7152, 0.0722)

Colors = NDArray[np.float64]
"""Of shape [n, 3], 0 to 1."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A table of colors: ``values`` has shape [blue, green, red, 3]."""

    values: NDArray[np.float64]
    low: tuple[float, float, float] = (0.0, 0.0, 0.0)
    high: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def size(self) -> int:
        """Number of values on each side."""
        return int(self.values.shape[0])

    def colors(self, rgb: Colors) -> Colors:
        """Return what the table has for colors, between its values."""
        low, high = np.asarray(self.low), np.asarray(self.high)
        places = np.clip((rgb - low) / (high - low), 0, 1) * (self.size - 1)
        first = np.minimum(places.astype(int), max(0, self.size - 2))
        rest = places - first
        found = np.zeros_like(rgb)
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(corner, rest, 1 - rest), axis=1)[:, np.newaxis]
            red, green, blue = (first + corner).T
            found += weight * self.values[blue, green, red]
        return found


def read_cube(path: Path) -> Cube:
    """Return the table of a file. Raise ``ValueError`` saying what is wrong with it."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not a text file") from None
    return _Reader().read(text)


def read_look(file: NamedFile, path: Path) -> Cube:
    """Return the table of an element. Raise UnprocessableMedia naming it."""
    try:
        return read_cube(path)
    except ValueError as error:
        raise UnprocessableMedia(
            f"{file.pointer}: this is not a table of colors (.cube): {error}.",
            hint="Export the look as a 3D LUT in the format .cube, of at most 65 points.",
            field=file.pointer,
        ) from error


class _Reader:
    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._domain = {"DOMAIN_MIN": (0.0, 0.0, 0.0), "DOMAIN_MAX": (1.0, 1.0, 1.0)}
        self._rows: list[tuple[float, float, float]] = []

    def read(self, text: str) -> Cube:
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if len(line) > MAX_LINE:
                raise ValueError(f"line {number} is too long")
            if words:
                self._line(number, words)
        return self._cube()

    def _line(self, number: int, words: list[str]) -> None:
        name = words[0].upper()
        if name == "TITLE":
            return
        if name in {"LUT_3D_SIZE", "LUT_1D_SIZE"}:
            self._sizes[name] = _size(number, words)
        elif name in self._domain:
            self._domain[name] = _three(number, words[1:])
        elif name in {"LUT_3D_INPUT_RANGE", "LUT_1D_INPUT_RANGE"} and len(words) == 3:
            low, high = (_number(number, one) for one in words[1:])
            self._domain = {"DOMAIN_MIN": (low,) * 3, "DOMAIN_MAX": (high,) * 3}
        else:
            self._rows.append(_three(number, words))
            if len(self._rows) > MAX_SIZE**3:
                raise ValueError("it has more values than a table of 65 on each side")

    def _cube(self) -> Cube:
        low, high = self._domain["DOMAIN_MIN"], self._domain["DOMAIN_MAX"]
        if any(end <= start for start, end in zip(low, high, strict=True)):
            raise ValueError("its DOMAIN_MAX is not above its DOMAIN_MIN")
        if len(self._sizes) != 1:
            raise ValueError("it does not have one LUT_3D_SIZE or LUT_1D_SIZE")
        ((name, size),) = self._sizes.items()
        wanted = size**3 if name == "LUT_3D_SIZE" else size
        if len(self._rows) != wanted:
            raise ValueError(f"it has {len(self._rows)} values instead of {wanted}")
        rows = np.clip(np.asarray(self._rows), 0, 1)
        if name == "LUT_3D_SIZE":
            return Cube(rows.reshape(size, size, size, 3), low, high)
        return _of_curves(rows, low, high)


def _of_curves(
    rows: NDArray[np.float64], low: tuple[float, float, float], high: tuple[float, float, float]
) -> Cube:
    """Return a table that does what a curve for each channel does."""
    grid = _grid(MAX_SIZE)
    places = np.clip((grid - low) / (np.asarray(high) - low), 0, 1) * (len(rows) - 1)
    numbers = np.arange(len(rows))
    found = [np.interp(places[:, at], numbers, rows[:, at]) for at in range(3)]
    return Cube(np.stack(found, axis=1).reshape(MAX_SIZE, MAX_SIZE, MAX_SIZE, 3))


def _size(number: int, words: list[str]) -> int:
    limit = MAX_SIZE if words[0].upper() == "LUT_3D_SIZE" else MAX_1D
    if len(words) != 2 or not words[1].isdecimal() or len(words[1]) > 6:
        raise ValueError(f"line {number} has no size")
    if not 2 <= int(words[1]) <= limit:
        raise ValueError(f"line {number}: the size is not from 2 to {limit}")
    return int(words[1])


def _three(number: int, words: list[str]) -> tuple[float, float, float]:
    if len(words) != 3:
        raise ValueError(f"line {number} does not have three numbers")
    red, green, blue = (_number(number, one) for one in words)
    return red, green, blue


def _number(number: int, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise ValueError(f"line {number} does not have three numbers") from None
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"line {number} has a number that is not a color")
    return value


def table(filters: ColorFilters | None, lut: Cube | None, strength: float) -> Cube:
    """Return the table of filters, followed by a LUT that is mixed in."""
    size = _USUAL_SIZE if lut is None else max(_USUAL_SIZE, lut.size)
    if filters is None and lut is not None:
        size = lut.size
    colors = _grid(size)
    if filters is not None:
        colors = filtered(colors, filters)
    if lut is not None:
        colors = colors + (lut.colors(colors) - colors) * strength
    return Cube(np.clip(colors, 0, 1).reshape(size, size, size, 3))


def _grid(size: int) -> Colors:
    """Return all colors of a table, red changing first."""
    steps = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([red, green, blue], axis=-1).reshape(-1, 3)


def filtered(rgb: Colors, filters: ColorFilters) -> Colors:
    """Return colors after the filters, as CSS defines them."""
    found = np.clip(rgb * filters.brightness, 0, 1)
    found = np.clip((found - 0.5) * filters.contrast + 0.5, 0, 1)
    for matrix in (
        _saturating(filters.saturation),
        _turning(filters.hue),
        _saturating(1 - filters.grayscale),
        _sepia(filters.sepia),
    ):
        found = np.clip(found @ matrix.T, 0, 1)
    return found + (1 - 2 * found) * filters.invert


def _saturating(amount: float) -> NDArray[np.float64]:
    gray = np.tile(np.asarray(_LUMA), (3, 1))
    return np.asarray(gray + (np.eye(3) - gray) * amount)


def _turning(degrees: float) -> NDArray[np.float64]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    gray = np.tile([0.213, 0.715, 0.072], (3, 1))
    turn = [[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]]
    return np.asarray(gray + (np.eye(3) - gray) * cosine + np.asarray(turn) * sine)


def _sepia(amount: float) -> NDArray[np.float64]:
    whole = np.asarray([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
    return np.asarray(np.eye(3) + (whole - np.eye(3)) * amount)


def write_cube(cube: Cube, path: Path) -> None:
    """Write a table for FFmpeg."""
    rows = cube.values.reshape(-1, 3)
    with path.open("w", encoding="ascii") as file:
        file.write(f"LUT_3D_SIZE {cube.size}\n")
        np.savetxt(file, rows, fmt="%.6f")
