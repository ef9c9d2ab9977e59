"""The eyeball of a picture: its iris found exactly, and its looks in another direction.

The circle of the iris is the one across which the light changes most (J. Daugman, "High confidence
visual recognition of persons by a test of statistical independence", IEEE TPAMI 15(11), 1993), near
where the model of landmarks sees it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.warp import sampled, sampled_field

_GAZE_X: Final = 0.13
_GAZE_Y: Final = 0.05
"""How far the iris goes, in widths of the eye."""
_LASHES: Final = 0.02
"""Of the eyeball along the lids, in widths of the eye, what lashes may hide."""
_DRAWN: Final = 0.4
"""The most light of drawn lashes, which lie over the eyeball, relative to that of its white."""
_SOFT: Final = 0.012
"""Half the width of its soft edge, in widths of the eye."""
_RADII: Final = np.arange(0.7, 1.51, 0.03)
"""Radii that are tried, and on which light is compared, in radii as landmarks say."""
_OFFSETS: Final = (-0.24, -0.16, -0.08, 0.0, 0.08, 0.16, 0.24)
"""Places of the centre that are tried, across and down, in the same unit."""
_SIDES: Final = np.radians(np.concatenate([np.arange(-45, 46, 9), np.arange(135, 226, 9)]))
"""Directions in which lids seldom hide the edge of an iris."""
_EDGE: Final = 5
"""Radii on each side of a circle whose light is compared."""
_SEEN: Final = 0.3
"""The least part of each side that has to be seen."""
_CONTRAST: Final = 18.0
"""The least difference of light, 0 to 255, that is taken for an edge."""


class Eyeball:
    """The eyeball, as far as the lids show it, continued under them."""

    def __init__(self, shape: EyeShape, around: Surroundings) -> None:
        self._shape = shape
        self._around = around
        core = _between_lids(shape, around, _LASHES * shape.width)
        self._centre, self._radius = _iris(shape, around, core)
        disc = self._distance() < 1.15 * self._radius
        free = 1 - self._drawn_lashes(core)
        core = f32(core * free)
        # Where the iris touches a lid, its rim would stay behind when it moves.
        self.seen = np.maximum(core, _between_lids(shape, around, 0.0) * disc * free)
        """How much of it is seen at each pixel, 0 to 1."""
        self._ball = rounded(self._continued(core))

    def narrow(self, around: Surroundings, box: tuple[slice, slice]) -> None:
        """Keep what :meth:`looking` needs: ``around`` has no axes outside of the box."""
        self._around = around
        self.seen = self.seen[box].copy()

    def looking(self, across: float, down: float, box: tuple[slice, slice]) -> Bytes:
        """Return Y, U and V of a box with the gaze aside, from -1 (left, up) to 1."""
        shape = self._shape
        right, lower = _GAZE_X * shape.width * across, _GAZE_Y * shape.width * down
        dx = right * shape.along[0] - lower * shape.along[1]
        dy = right * shape.along[1] + lower * shape.along[0]
        x, y = self._around.x[box], self._around.y[box]
        distance = np.hypot(x - self._centre[0] - dx, y - self._centre[1] - dy)
        share = 1 - smooth(1.1, 2.6, distance / self._radius)
        return sampled(self._ball, self._around.index(x - share * dx, y - share * dy))

    def _drawn_lashes(self, core: Array) -> Array:
        """Return how much thick dark lines of drawings cover it: from the lids, beside the iris."""
        light = self._around.picture[..., 0] - 16
        beside = (core > 0.5) & (self._distance() > 1.06 * self._radius)
        if not beside.any():
            return np.zeros_like(core)
        white = max(float(np.quantile(light[beside], 0.8)), 1.0)
        _, areas = cv2.connectedComponents((beside & (light < _DRAWN * white)).astype(np.uint8))
        rim = _between_lids(self._shape, self._around, 1.5 * _LASHES * self._shape.width) < 0.5
        lines = np.isin(areas, np.setdiff1d(areas[rim], [0]))
        reach = round(_LASHES * self._shape.width / self._around.pixel) * 2 + 1
        wide = cv2.dilate(lines.astype(np.float32), np.ones((reach, reach), np.uint8))
        return f32(cv2.GaussianBlur(wide, (0, 0), max(0.2 * reach, 0.5)))

    def _distance(self) -> Array:
        around = self._around
        return f32(np.hypot(around.x - self._centre[0], around.y - self._centre[1]))

    def _continued(self, core: Array) -> Array:
        """Return the eyeball, continued under the lids: the iris is round, the rest is smooth."""
        picture, pixel = self._around.picture, self._around.pixel
        known = (core > 0.5).astype(np.float32)
        white = known * (self._distance() > 1.1 * self._radius)
        found = picture
        for size in (0.12, 0.02):
            spread = max(size * self._shape.width / pixel, 0.5)
            weight = cv2.GaussianBlur(white, (0, 0), spread)[..., None]
            mean = cv2.GaussianBlur(picture * white[..., None], (0, 0), spread)
            share = np.clip(weight / 0.02, 0, 1)
            found = f32(found + (mean / np.maximum(weight, 1e-4) - found) * share)
        found = self._with_iris(found, known)
        soft = cv2.GaussianBlur(found, (0, 0), max(0.01 * self._shape.width / pixel, 0.5))
        return f32(soft + (picture - soft) * known[..., None])

    def _with_iris(self, found: Array, known: Array) -> Array:
        """Return the surroundings with an iris that looks the same in all directions."""
        distance = self._distance()
        ring = np.clip((distance / self._radius * 12).astype(int), 0, 15)
        count = np.bincount(ring.ravel(), known.ravel(), 16)
        within = (distance < self._radius) & (count[ring] > 0)
        for channel in range(3):
            values = known * self._around.picture[..., channel]
            total = np.bincount(ring.ravel(), values.ravel(), 16)
            profile = (total / np.maximum(count, 1))[ring]
            found[..., channel] = np.where(within, profile, found[..., channel])
        return found


def _between_lids(shape: EyeShape, around: Surroundings, margin: float) -> Array:
    """Return where the eyeball is seen, but for a margin along the lids."""
    soft = max(around.pixel, _SOFT * shape.width)
    u, v = around.u, around.v
    above = smooth(-soft, soft, v - shape.at(shape.upper, u) - margin)
    below = smooth(-soft, soft, shape.at(shape.lower, u) - v - margin)
    return f32(above * below * ((u > 0) & (u < 1)))


def _iris(shape: EyeShape, around: Surroundings, core: Array) -> tuple[Array, float]:
    """Return the centre and the radius of the iris in pixels of the frame."""
    radii = f32(shape.radius * _RADII)
    away = f32(np.stack(np.meshgrid(_OFFSETS, _OFFSETS), -1).reshape(-1, 2))
    centres = f32(shape.iris + shape.radius * away)
    contrasts = _contrasts(around, core, centres, radii)
    # Without an edge that stands out, the landmarks are right.
    contrasts *= 1 - 0.5 * np.hypot(away[:, :1], away[:, 1:])
    centre, radius = np.unravel_index(int(contrasts.argmax()), contrasts.shape)
    if contrasts[centre, radius] < _CONTRAST:
        return shape.iris, shape.radius
    return centres[centre], float(radii[radius + _EDGE])


def _contrasts(around: Surroundings, core: Array, centres: Array, radii: Array) -> Array:
    """Return how much lighter it is outside of circles than inside, [centres, radii].

    There are no values for the first and the last radii. The side counts on which the difference is
    less: lids and corners have edges on one side only.
    """
    light = f32(np.dstack([around.picture[..., 0] * core, core]))
    x = centres[:, 0, None, None] + np.outer(radii, np.cos(_SIDES))
    y = centres[:, 1, None, None] + np.outer(radii, np.sin(_SIDES))
    at = around.index(f32(x.reshape(len(centres), -1)), f32(y.reshape(len(centres), -1)))
    sides = sampled_field(light, at).reshape(len(centres), len(radii), 2, -1, 2)
    total, seen = (np.cumsum(sides[..., channel].sum(-1), 1) for channel in (0, 1))
    inner = _means(total, seen, slice(None, -2 * _EDGE), slice(_EDGE, -_EDGE))
    outer = _means(total, seen, slice(_EDGE, -_EDGE), slice(2 * _EDGE, None))
    enough = (sides[..., 1].mean((1, 3)) >= _SEEN).all(1)
    return f32((outer - inner).min(-1) * enough[:, None])


def _means(total: Array, count: Array, first: slice, last: slice) -> Array:
    return f32(
        (total[:, last] - total[:, first]) / np.maximum(count[:, last] - count[:, first], 1e-3)
    )
