"""Displacement fields of expressions: where each point of a face goes, per unit of a weight.

Fields point forwards, from the picture at rest to the pose, in pixels; drawing adds them up and
inverts the sum. Around the mouth there are two of each, one for all that hangs on the skull and
one for all that hangs on the jaw. They agree along the line of the lips beyond the corners, and
each continues smoothly where only the other one is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.mouth_shape import MouthShape

Pair = tuple[Array, Array]
"""Displacements of the upper and the lower side, each [rows, columns, 2]."""

JAW_DROP: Final = 0.5
"""How far the lower lip goes down at most, in widths of the mouth."""
CORNER_DROP: Final = 0.34
CORNER_IN: Final = 0.16
"""How far the corners go down and inwards, as fractions of the drop."""
SPREAD: Final = 0.13
ROUND: Final = 0.155


def smooth(low: float, high: float, value: object) -> Array:
    """Return 0 below ``low``, 1 above ``high``, and a smooth step in between."""
    t = np.clip((f32(value) - low) / (high - low), 0, 1)
    return f32(t * t * (3 - 2 * t))


@dataclass(frozen=True)
class MouthGrid:
    """What the fields of the mouth are made of, at each node of a grid."""

    shape: MouthShape
    u: Array
    below: Array
    """Distance below the seam, negative above it."""
    side: Array
    """Position along the lips, see :meth:`MouthShape.side`."""

    @classmethod
    def over(cls, shape: MouthShape, x: Array, y: Array) -> MouthGrid:
        """Return the grid whose nodes lie at these pixels."""
        u, v = shape.axes(x, y)
        return cls(shape, u, v - shape.at(shape.seam, u), shape.side(u))

    @property
    def bow(self) -> Array:
        """1 in the middle of the lips, 0 at and beyond the corners."""
        return np.maximum(1 - self.side**2, 0).astype(np.float32)

    @property
    def narrow(self) -> Array:
        """1 where the half of the mouth is as wide as it is from the front, more if narrower."""
        length = np.where(self.u < 0, self.shape.left, self.shape.right)
        return f32(np.clip(0.5 * self.shape.width / length, 1, 2) ** 0.7)

    def ends(self, power: float) -> Array:
        """Return 0 in the middle of the lips, 1 at the corners, falling to 0 on the cheeks."""
        reach = np.where(
            self.u < 0,
            (self.shape.cheek_left - self.shape.left) / self.shape.left,
            (self.shape.cheek_right - self.shape.right) / self.shape.right,
        )
        size = np.abs(self.side)
        outside = 1 - smooth(0, 1, (size - 1) / reach)
        return f32(np.minimum(size, 1) ** power * outside)

    @property
    def outwards(self) -> Array:
        """-1 on the left, 1 on the right, without a step between."""
        return f32(np.clip(self.side * 2.5, -1, 1))

    def fade_up(self, keep: float = 0.0) -> Array:
        """Return 1 at and below the seam, 0 from the nose upwards; 1 over the lip, if kept."""
        lip = keep * self.shape.at(self.shape.lip_upper, self.u)
        return 1 - smooth(0, 1, (-self.below - lip) / np.maximum(self.shape.nose - lip, 1))

    def fade_down(self, keep: float = 0.0, reach: float = 0.85) -> Array:
        """Return 1 at and above the seam, 0 near the chin; 1 over the lip, if kept."""
        lip = keep * self.shape.at(self.shape.lip_lower, self.u)
        room = np.maximum(self.shape.chin * reach - lip, 1)
        return 1 - smooth(0, 1, (self.below - lip) / room)

    def around(self, radius: float) -> Array:
        """Return a bell over the height of the mouth; ``radius`` in widths of the mouth.

        It is about a Gaussian one, and ends at 1.8 times the radius.
        """
        distance = self.below / (1.8 * radius * self.shape.width)
        return f32(np.maximum(1 - distance**2, 0) ** 3)


def mouth_fields(grid: MouthGrid) -> dict[str, Pair]:
    """Return the fields of the mouth and the jaw by name, along ``u`` and ``v``."""
    makers: dict[str, Callable[[MouthGrid], Pair]] = {
        "jaw": _jaw, "gap": _gap, "spread": _spread, "round": _round, "shut": _shut,
        "press": _press, "lip_to_teeth": _lip_to_teeth, "smile": _smile,
    }  # fmt: skip
    return {name: make(grid) for name, make in makers.items()}


def _field(grid: MouthGrid, du: object, dv: object) -> Array:
    zero = np.zeros_like(grid.u)
    return f32(np.stack([zero + f32(du), zero + f32(dv)], -1) * grid.shape.width)


def _jaw(grid: MouthGrid) -> Pair:
    """The chin goes down, and takes the corners and the cheeks along; the lips stay shut."""
    shape = grid.shape
    corner = grid.ends(2.5)
    inwards = -JAW_DROP * CORNER_IN * grid.outwards * corner * grid.around(0.6)
    drop = CORNER_DROP + shape.curve  # corners that smile relax
    upper = JAW_DROP * drop * corner * grid.fade_up()
    across = np.where(grid.u < 0, grid.u / shape.cheek_left, grid.u / shape.cheek_right)
    chin = 0.86 * np.maximum(1 - (across / 1.15) ** 2, 0) ** 1.4
    share = smooth(0.0, 0.9, grid.below / shape.chin)
    neck = 1 - smooth(0, 1, (grid.below - shape.chin) / (1.15 * shape.width))
    lower = JAW_DROP * (drop * corner * (1 - share) + chin * share) * neck
    return _field(grid, inwards, upper), _field(grid, inwards, lower)


def _gap(grid: MouthGrid) -> Pair:
    """The lower lip follows the jaw, so that the mouth opens."""
    shape = grid.shape
    lip = shape.at(shape.lip_lower, grid.u)
    outer = np.clip(grid.below / np.maximum(lip, 1), 0, 1)
    lower = (
        JAW_DROP
        * grid.bow ** ((0.8 - 0.15 * outer + 1.5 * shape.curve) * grid.narrow)
        * (1 - smooth(0.0, 0.9, grid.below / shape.chin))
    )
    upper = -0.05 * grid.bow * grid.fade_up(0.8)
    return _field(grid, 0, upper), _field(grid, 0, lower)


def _spread(grid: MouthGrid) -> Pair:
    du = SPREAD * grid.outwards * grid.ends(1.0) * grid.around(0.55)
    dv = -0.02 * grid.ends(2.0) * grid.around(0.5)
    opened = 0.03 * grid.bow
    upper, lower = dv - opened * grid.fade_up(0.8) * 0.5, dv - 0.2 * opened * grid.fade_down(1.0)
    return _field(grid, du, upper), _field(grid, du, lower)


def _round(grid: MouthGrid) -> Pair:
    """Corners inwards; the lips grow higher, because they are pushed forwards."""
    shape = grid.shape
    du = -ROUND * grid.outwards * grid.ends(1.2) * grid.around(0.6)
    above = np.clip(
        -grid.below / np.maximum(shape.at(shape.lip_upper, grid.u), 0.06 * shape.width), 0, 1
    )
    under = np.clip(
        grid.below / np.maximum(shape.at(shape.lip_lower, grid.u), 0.08 * shape.width), 0, 1
    )
    oval = 4 * grid.bow * grid.side**2
    upper = (-grid.bow * (0.01 + 0.05 * above) - 0.008 * oval) * grid.fade_up(1.0)
    lower = (grid.bow * (0.02 + 0.045 * under) + 0.02 * oval) * grid.fade_down(1.0)
    return _field(grid, du, upper), _field(grid, du, lower)


def _shut(grid: MouthGrid) -> Pair:
    """Both lips of the picture meet in the middle of what is between them."""
    shape = grid.shape
    gap = (shape.seam_lower - shape.seam_upper) / shape.width
    half = 0.5 * shape.at(gap.astype(np.float32), grid.u)
    half = np.where(np.abs(grid.side) < 1, half, 0) * 1.04
    return _field(grid, 0, half * grid.fade_up(0.6)), _field(grid, 0, -half * grid.fade_down(0.8))


def _press(grid: MouthGrid) -> Pair:
    shape = grid.shape
    above = np.clip(
        -grid.below / np.maximum(shape.at(shape.lip_upper, grid.u), 0.05 * shape.width), 0, 1
    )
    under = np.clip(
        grid.below / np.maximum(shape.at(shape.lip_lower, grid.u), 0.07 * shape.width), 0, 1
    )
    du = 0.02 * grid.outwards * grid.ends(1.2) * grid.around(0.5)
    upper = 0.03 * np.sqrt(grid.bow) * above * grid.fade_up(1.0)
    lower = -0.04 * np.sqrt(grid.bow) * under * grid.fade_down(1.0)
    return _field(grid, du, upper), _field(grid, du, lower)


def _lip_to_teeth(grid: MouthGrid) -> Pair:
    shape = grid.shape
    under = np.clip(
        grid.below / np.maximum(shape.at(shape.lip_lower, grid.u), 0.07 * shape.width), 0, 1
    )
    upper = -0.055 * grid.bow**0.8 * grid.fade_up(0.8)
    lower = -(0.012 + 0.06 * under) * grid.bow**0.8 * grid.fade_down(1.0)
    return _field(grid, 0, upper), _field(grid, 0, lower)


def _smile(grid: MouthGrid) -> Pair:
    shape = grid.shape
    du = 0.07 * grid.outwards * grid.ends(1.2) * grid.around(0.6)
    raised = -0.10 * grid.ends(2.0) * grid.around(0.6)
    size = np.abs(grid.u) / shape.width
    cheek = np.exp(-(((size - 0.75) / 0.3) ** 2) - ((grid.below / shape.width + 0.6) / 0.35) ** 2)
    dv = raised - 0.05 * cheek
    return _field(grid, du, dv), _field(grid, du, dv)


def finished(pair: Pair, shape: MouthShape, window: Array, blur: float) -> Pair:
    """Return fields along x and y that vanish at the border of the grid, without kinks."""
    upper, lower = (
        f32(shape.directions(side[..., 0], side[..., 1]) * window[..., None]) for side in pair
    )
    return f32(cv2.GaussianBlur(upper, (0, 0), blur)), f32(cv2.GaussianBlur(lower, (0, 0), blur))
