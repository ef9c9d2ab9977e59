"""Glasses of a portrait, by their bridge: brows that rise far would stretch their rims."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.cheapest_path import cheapest_path
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.warp import sampled_field

_ALONG: Final = np.linspace(0.3, 0.7, 21, dtype=np.float32)
_DOWN: Final = np.linspace(-0.55, 0.40, 77, dtype=np.float32)
"""Where a line across the nose is looked for: between the inner corners of the eyes, and from
above to below them, in distances of these corners."""
_BESIDE: Final = 14
"""Steps down to the skin on both sides of the line, which is thinner."""
_BEND: Final = 8.0
_DARK: Final = (0.15, 0.35)
"""What the line takes from the light of the skin: none are furrows, which end before the middle."""
_WORST: Final = 0.1
"""The part of the line that may be lighter, as where it shines."""


def amount(picture: Bytes, points: Array) -> float:
    """Return 1 if a dark line crosses the nose between the eyes of a picture of sRGB, 0 if not."""
    left, right = (points[eye[end], :2] for eye, end in (
        (named.LEFT_EYE_UPPER, -1), (named.RIGHT_EYE_UPPER, 0)
    ))  # fmt: skip
    apart = f32(right - left)
    width = max(float(np.hypot(*apart)), 1.0)
    below = f32(np.array([-apart[1], apart[0]]))
    at = f32(left) + _ALONG[:, None, None] * apart + _DOWN[:, None] * below
    margin = round(0.1 * width) + 2
    first = np.floor(at.min((0, 1))).astype(int) - margin
    last = np.ceil(at.max((0, 1))).astype(int) + margin
    (x, y), (end_x, end_y) = np.maximum(first, 0), np.maximum(last, 0)
    part = picture[y:end_y, x:end_x]
    if not part.size:
        return 0.0
    grey = f32(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY))
    soft = f32(cv2.GaussianBlur(grey, (0, 0), max(0.02 * width, 0.6)))
    light = sampled_field(soft, f32(at - np.array([x, y])))
    middle = light[:, _BESIDE:-_BESIDE]
    skin = np.minimum(light[:, : -2 * _BESIDE], light[:, 2 * _BESIDE :])
    taken = f32(1 - middle / np.maximum(skin, 1))
    line = taken[np.arange(len(taken)), cheapest_path(-taken, _BEND)]
    return float(smooth(*_DARK, np.quantile(line, _WORST)))
