"""Plane affine transformations as values that can be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.yuv import PixelBox


@dataclass(frozen=True, slots=True)
class Affine:
    """The map (x, y) → (a·x + b·y + tx, c·x + d·y + ty)."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    tx: float = 0.0
    ty: float = 0.0

    @classmethod
    def shift(cls, x: float, y: float) -> Affine:
        """Return a translation."""
        return cls(tx=x, ty=y)

    @classmethod
    def rotation(cls, degrees: float, x: float, y: float) -> Affine:
        """Return a rotation about a point, clockwise as seen in a picture."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        return cls(cos, -sin, sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)

    def shifted(self, x: float, y: float) -> Affine:
        """Return this transformation followed by a translation."""
        return Affine(self.a, self.b, self.c, self.d, self.tx + x, self.ty + y)

    def after_shift(self, x: float, y: float) -> Affine:
        """Return a translation followed by this transformation."""
        moved_x, moved_y = self.point(x, y)
        return Affine(self.a, self.b, self.c, self.d, moved_x, moved_y)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is moved to."""
        return self.a * x + self.b * y + self.tx, self.c * x + self.d * y + self.ty

    @property
    def only_moves(self) -> bool:
        """Whether it is a translation."""
        return (self.a, self.b, self.c, self.d) == (1.0, 0.0, 0.0, 1.0)

    def pixel_bounds(self, box: PixelBox) -> PixelBox:
        """Return the pixels that a box of a picture covers, with its soft edge."""
        columns, rows = (box.left - 1, box.right), (box.top - 1, box.bottom)
        corners = [self.point(x, y) for x in columns for y in rows]
        xs, ys = zip(*corners, strict=True)
        return PixelBox(
            math.floor(min(xs)),
            math.floor(min(ys)),
            math.ceil(max(xs)) + 1,
            math.ceil(max(ys)) + 1,
        )

    def matrix(self) -> NDArray[np.float32]:
        """Return the matrix that OpenCV takes, of shape [2, 3]."""
        return np.array([[self.a, self.b, self.tx], [self.c, self.d, self.ty]], np.float32)
