"""The shape of an eye at rest: its own axes, and the lines of its lids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32


class _Numbers(NamedTuple):
    """The numbers of an eye's points; those of creases are the ring around the lids."""

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    crease: tuple[int, ...]
    above: tuple[int, ...]
    iris: tuple[int, ...]


_LEFT: Final = _Numbers(
    upper=named.LEFT_EYE_UPPER,
    lower=named.LEFT_EYE_LOWER,
    crease=(247, 30, 29, 27, 28, 56, 190),
    above=(225, 224, 223, 222, 221),
    iris=named.LEFT_IRIS,
)
_RIGHT: Final = _Numbers(
    upper=named.RIGHT_EYE_UPPER,
    lower=named.RIGHT_EYE_LOWER,
    crease=(414, 286, 258, 257, 259, 260, 467),
    above=(441, 442, 443, 444, 445),
    iris=named.RIGHT_IRIS,
)
_SAMPLES: Final = 65


@dataclass(frozen=True)
class EyeShape:
    """An eye: ``u`` runs from its left corner (0) to its right one (1), ``v`` down, in pixels."""

    corner: Array
    along: Array
    width: float
    upper: Array
    """``v`` of the upper lid's edge, at equal steps of ``u``."""
    lower: Array
    crease: Array
    """``v`` of the fold above the upper lid."""
    above: Array
    """``v`` of the middle of the skin between fold and brow."""
    iris: Array
    """Centre of the iris in pixels of the picture."""
    radius: float

    def axes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return ``u`` and ``v`` of pixels."""
        dx, dy = x - self.corner[0], y - self.corner[1]
        cos, sin = float(self.along[0]), float(self.along[1])
        return (dx * cos + dy * sin) / self.width, dy * cos - dx * sin

    def pixels(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Return x and y of positions along the axes."""
        cos, sin = float(self.along[0]), float(self.along[1])
        across = u * self.width
        return (
            (self.corner[0] + across * cos - v * sin).astype(np.float32),
            (self.corner[1] + across * sin + v * cos).astype(np.float32),
        )

    @staticmethod
    def at(line: Array, u: Array) -> Array:
        """Return a line at any ``u``."""
        return np.interp(u, np.linspace(0, 1, len(line)), line).astype(np.float32)

    @property
    def opening(self) -> float:
        """The widest distance between the lids."""
        return float((self.lower - self.upper).max())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A picture around an eye: Y, U and V, and where its pixels are."""

    picture: Array
    x: Array
    y: Array
    """In pixels of the frame, as ``x``."""
    u: Array
    v: Array
    """Along the axes of the eye, see :class:`EyeShape`."""

    @classmethod
    def of(cls, shape: EyeShape, picture: Bytes, at: Array) -> Surroundings:
        """Return a picture whose pixels are at positions in the frame, [rows, columns, 2]."""
        x, y = f32(at[..., 0]), f32(at[..., 1])
        return cls(picture.astype(np.float32), x, y, *shape.axes(x, y))

    @property
    def pixel(self) -> float:
        """Side of a pixel of the picture, in pixels of the frame."""
        return float(self.x[0, 1] - self.x[0, 0])

    def index(self, x: Array, y: Array) -> Array:
        """Return the columns and rows of positions, with fractions, [.., .., 2]."""
        columns, rows = x - self.x[0, 0], y - self.y[0, 0]
        return f32(np.dstack([columns, rows]) * np.float32(1 / self.pixel))


def eye_shapes(points: Array) -> tuple[EyeShape, EyeShape]:
    """Return the left and the right eye of the 478 points of a face."""
    return _shape(points, _LEFT), _shape(points, _RIGHT)


def _shape(points: Array, eye: _Numbers) -> EyeShape:
    xy = points[:, :2].astype(np.float32)
    corner, other = xy[eye.upper[0]], xy[eye.upper[-1]]
    width = max(float(np.hypot(*(other - corner))), 1.0)
    along = (other - corner) / width
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]], np.float32)
    local = (xy - corner) @ turn.T / np.array([width, 1], np.float32)

    def line(numbers: tuple[int, ...]) -> Array:
        at = local[list(numbers)]
        at = at[np.argsort(at[:, 0])]
        return smoothed(f32(np.interp(np.linspace(0, 1, _SAMPLES), at[:, 0], at[:, 1])))

    top, bottom = line(eye.upper), line(eye.lower)
    radius = float(np.hypot(*(xy[list(eye.iris[1:])] - xy[eye.iris[0]]).T).mean())
    return EyeShape(
        corner=corner, along=along, width=width, upper=top, lower=np.maximum(bottom, top),
        crease=np.minimum(line(eye.crease), top - 0.03 * width), above=line(eye.above),
        iris=xy[eye.iris[0]], radius=max(radius, 0.5),
    )  # fmt: skip


def smoothed(line: Array) -> Array:
    """Return a line at equal steps without small bends."""
    kernel = np.array([1, 4, 6, 4, 1], np.float32) / 16
    found = line
    for _ in range(3):
        found = f32(np.convolve(np.pad(found, 2, mode="edge"), kernel, "valid"))
    return found
