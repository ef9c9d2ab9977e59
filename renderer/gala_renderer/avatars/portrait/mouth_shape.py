"""The mouth of a face at rest: its own axes, and the lines of its lips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, f32

_SAMPLES: Final = 129
_REACH: Final = 2.0
"""The lines are tabled this far to both sides of the middle, in widths of the mouth."""


@dataclass(frozen=True)
class MouthShape:
    """The axes of a mouth (``u`` along the lips, ``v`` down the face), in pixels, and its lines."""

    centre: Array
    """Where both axes are zero: the middle of the lips, [2]."""
    along: Array
    """The direction of ``u``, a unit vector [2], towards the right corner."""
    width: float
    left: float
    """Distance of the left corner from the middle; those of three-quarter views differ."""
    right: float
    seam_upper: Array
    """``v`` of the lower edge of the upper lip, at the positions of :meth:`table`."""
    seam_lower: Array
    lip_upper: Array
    """Thickness of the upper lip."""
    lip_lower: Array
    nose: float
    """Distance from the seam up to the nose."""
    chin: float
    """Distance from the seam down to the chin."""
    cheek_left: float
    """Distance from the middle to the edge of the face at the height of the mouth."""
    cheek_right: float

    @property
    def table(self) -> Array:
        """The positions ``u`` of the tabled lines."""
        reach = _REACH * self.width
        return np.linspace(-reach, reach, _SAMPLES, dtype=np.float32)

    def axes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return ``u`` and ``v`` of pixels."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        cos, sin = float(self.along[0]), float(self.along[1])
        return dx * cos + dy * sin, dy * cos - dx * sin

    def directions(self, du: Array, dv: Array) -> Array:
        """Return displacements along x and y, [..., 2], of those along the axes."""
        cos, sin = float(self.along[0]), float(self.along[1])
        return np.stack([du * cos - dv * sin, du * sin + dv * cos], -1)

    def side(self, u: Array) -> Array:
        """Return the position along the lips: -1 at the left corner, 0 in the middle, 1 right."""
        return np.where(u < 0, u / self.left, u / self.right).astype(np.float32)

    def at(self, line: Array, u: Array) -> Array:
        """Return a tabled line at any ``u``."""
        return np.interp(u, self.table, line).astype(np.float32)

    @property
    def seam(self) -> Array:
        """The middle between the lips, as a tabled line."""
        return f32((self.seam_upper + self.seam_lower) / 2)

    @property
    def curve(self) -> float:
        """How far the middle of the lips lies below the corners, in widths of the mouth.

        0 to 0.15; an open mouth that smiles would be a box, were it opened as others are.
        """
        corners = self.at(self.seam, f32([-self.left, self.right]))
        middle = float(self.at(self.seam, f32([0.0]))[0])
        return float(np.clip((middle - corners.mean()) / self.width, 0, 0.15))

    @property
    def gap(self) -> float:
        """The widest distance between the lips of the picture, in pixels."""
        return float((self.seam_lower - self.seam_upper).max())


def mouth_shape(points: Array, seam: Array) -> MouthShape:
    """Return the mouth of the 478 points of a face.

    ``seam`` is the line where shut lips touch, [n, 2]; empty if they are parted.
    """
    xy = points[:, :2].astype(np.float32)
    left, right = xy[named.MOUTH_LEFT], xy[named.MOUTH_RIGHT]
    width = max(float(np.hypot(*(right - left))), 1.0)
    along = (right - left) / width
    cos, sin = float(along[0]), float(along[1])
    turn = np.array([[cos, sin], [-sin, cos]], np.float32)
    middle = xy[[13, 14]].mean(0)
    local = (xy - middle) @ turn.T
    corners = local[[named.MOUTH_LEFT, named.MOUTH_RIGHT]]
    reach_left = float(max(-corners[0, 0], 0.2 * width))
    reach_right = float(max(corners[1, 0], 0.2 * width))
    table = np.linspace(-_REACH * width, _REACH * width, _SAMPLES, dtype=np.float32)
    upper = _line(local[list(named.LIPS_INNER_UPPER)], corners, table)
    lower = np.maximum(_line(local[list(named.LIPS_INNER_LOWER)], corners, table), upper)
    inside = (table > -0.98 * reach_left) & (table < 0.98 * reach_right)
    lower = np.where(inside, lower, (upper + lower) / 2).astype(np.float32)
    upper = np.where(inside, upper, lower).astype(np.float32)
    if len(seam):
        upper = lower = _line((seam - middle) @ turn.T, corners, table)
    outer_upper = _line(local[list(named.LIPS_OUTER_UPPER)], corners, table)
    outer_lower = _line(local[list(named.LIPS_OUTER_LOWER)], corners, table)
    oval = local[list(named.FACE_OVAL)]
    level = oval[np.abs(oval[:, 1]) < 0.6 * width]
    return MouthShape(
        centre=middle, along=along, width=width, left=reach_left, right=reach_right,
        seam_upper=upper, seam_lower=lower,
        lip_upper=np.maximum(upper - outer_upper, 0), lip_lower=np.maximum(outer_lower - lower, 0),
        nose=max(-float(local[named.NOSE_BOTTOM, 1]), 0.2 * width),
        chin=max(float(local[named.CHIN, 1]), 0.5 * width),
        cheek_left=max(-float(level[:, 0].min(initial=0)), reach_left + 0.5 * width),
        cheek_right=max(float(level[:, 0].max(initial=0)), reach_right + 0.5 * width),
    )  # fmt: skip


def _line(points: Array, corners: Array, table: Array) -> Array:
    """Return ``v`` over ``u`` of a line of lips, constant beyond the corners, a little smoothed."""
    ends = np.vstack([corners[:1], points[1:-1], corners[1:]])
    ends = ends[np.argsort(ends[:, 0])]
    line = np.interp(table, ends[:, 0], ends[:, 1])
    kernel = np.array([1, 4, 6, 4, 1], np.float32) / 16
    for _ in range(2):
        line = np.convolve(np.pad(line, 2, mode="edge"), kernel, "valid")
    return f32(line)
