"""The edges of lids, found in the picture near where the model of landmarks sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.faces.cheapest_path import cheapest_path
from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings, smoothed
from gala_renderer.avatars.portrait.warp import sampled_field

_UPPER: Final = (-0.10, 0.04)
_LOWER: Final = (-0.04, 0.08)
"""How far up and down edges are searched, in widths of the eye: the model sees eyes too narrow."""
_STEPS: Final = 29
_SPAN: Final = 0.02
"""Half the distance over which colours are compared, in widths of the eye."""
_BEND: Final = 8.0
_STAY: Final = 0.5
"""Cost of the greatest distance from the landmarks, in the usual contrast of the edge."""
_IRIS: Final = 1.1
"""Half the part of the upper edge that follows its neighbours, in radii of the iris."""
_FAINT: Final = 10.0
"""Contrasts below this are no edge."""


def with_lids(shape: EyeShape, around: Surroundings) -> EyeShape:
    """Return the eye with the edges of its lids as they are in the picture."""
    spread = max(0.01 * shape.width / around.pixel, 0.6)
    picture = f32(cv2.GaussianBlur(around.picture, (0, 0), spread))
    upper = _moved(shape, around, picture, shape.upper, _UPPER, below=False)
    lower = _moved(shape, around, picture, shape.lower, _LOWER, below=True)
    # The fold moves with the edge below it.
    crease = np.minimum(shape.crease, upper - 0.03 * shape.width)
    return replace(shape, upper=upper, lower=np.maximum(lower, upper), crease=f32(crease))


def _moved(
    shape: EyeShape,
    around: Surroundings,
    picture: Array,
    line: Array,
    reach: tuple[float, float],
    *,
    below: bool,
) -> Array:
    """Return a line moved onto the strongest edge nearby, smoothly."""
    offsets = np.linspace(*reach, _STEPS, dtype=np.float32) * shape.width
    u = np.repeat(np.linspace(0, 1, len(line), dtype=np.float32)[:, None], _STEPS, 1)
    v = f32(line[:, None] + offsets)
    span = max(_SPAN * shape.width, around.pixel)
    inner, outer = (
        sampled_field(picture, around.index(*shape.pixels(u, f32(v + side * span))))
        for side in ((-1, 1) if below else (1, -1))
    )
    # Lashes and shadows on lids are darker than the eye, skin has more colour.
    edge = np.maximum(inner[..., 0] - outer[..., 0], 0)
    if below:
        edge += np.abs(inner[..., 1:] - outer[..., 1:]).sum(-1)
    usual = max(float(edge.max(1).mean()), _FAINT)
    away = offsets / (max(abs(each) for each in reach) * shape.width)
    costs = f32(_STAY * away**2 - edge / usual)
    if not below:
        # Lights in the iris have edges of their own.
        iris = shape.axes(*shape.iris)[0]
        hidden = np.abs(u[:, 0] - iris) * shape.width < _IRIS * shape.radius
        costs[hidden] = 0.3 * _STAY * away**2
    path = cheapest_path(costs, _BEND)
    return smoothed(f32(line + offsets[path]))
