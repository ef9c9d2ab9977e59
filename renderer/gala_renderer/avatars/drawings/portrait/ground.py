"""The grid of a painting: millimetres around the middle between the eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
RGB = tuple[float, float, float]

HEIGHT: Final = 400.0
"""Millimetres that a painting is high."""
_EYES: Final = 155.0
"""Millimetres from its upper edge to the eyes."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A grid of points; ``x`` to the right and ``y`` downwards, in millimetres."""

    x: Field
    y: Field
    scale: float
    """Pixels per millimetre."""

    @classmethod
    def of(cls, size: tuple[int, int]) -> Ground:
        """Return the grid of a picture of ``size`` (width, height)."""
        width, height = size
        scale = height / HEIGHT
        x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / scale
        y = (np.arange(height, dtype=np.float32) + 0.5) / scale - _EYES
        grid_x, grid_y = np.meshgrid(x, y)
        return cls(grid_x, grid_y, scale)

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point in pixels."""
        return x * self.scale + self.x.shape[1] / 2, (y + _EYES) * self.scale

    def bump(
        self,
        centre: tuple[float, float],
        spread: tuple[float, float],
        height: float = 1.0,
        below: float | None = None,
    ) -> Field:
        """Return a Gaussian; ``below`` is its vertical spread under the middle, if it differs."""
        dx = (self.x - centre[0]) / spread[0]
        dy = self.y - centre[1]
        vertical = np.where(dy > 0, dy / (below or spread[1]), dy / spread[1])
        return _f32(height * np.exp(-0.5 * (dx * dx + vertical * vertical)))

    def blurred(self, field: Field, millimetres: float) -> Field:
        """Return a field blurred."""
        return _f32(cv2.GaussianBlur(field, (0, 0), max(millimetres * self.scale, 0.3)))

    def noise(self, seed: int, millimetres: float) -> Field:
        """Return smooth noise of about -1 to 1 with grains of this size."""
        height, width = self.x.shape
        cell = max(millimetres * self.scale, 1.0)
        shape = (int(height / cell) + 3, int(width / cell) + 3)
        grains = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
        return _f32(cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC) * 0.6)


def step(edge: float, value: Field, width: float = 0.4) -> Field:
    """Return 0 where a value is below an edge and 1 above it, with a soft passage."""
    t = np.clip((value - edge) / width + 0.5, 0, 1)
    return _f32(t * t * (3 - 2 * t))


def blend(picture: Field, colour: RGB | Field, mask: Field) -> None:
    """Paint a colour, or a picture, over another one, in place."""
    picture += (np.asarray(colour, np.float32) - picture) * mask[..., None]


def _f32(field: object) -> Field:
    return np.asarray(field, np.float32)
