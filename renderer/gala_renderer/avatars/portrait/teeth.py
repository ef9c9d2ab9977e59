"""The inside of a mouth: teeth, tongue, and the dark behind them.

All is drawn in the axes of the mouth at rest, in widths of the mouth, at the size of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars import yuv
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.mouth_shape import MouthShape

LEFT, TOP, RIGHT, BOTTOM = -0.8, -0.45, 0.8, 1.05
"""The canvas, in widths of the mouth from its middle."""
_FINEST: Final = 360
"""Pixels per width of a mouth from which its edges, which are soft, need no oversampling."""
_UPPER: Final = (0.155, 0.115, 0.125, 0.10, 0.085, 0.07)
"""Widths of the upper teeth as they are seen, from the middle outwards."""
_LOWER: Final = (0.095, 0.10, 0.105, 0.09, 0.08, 0.07)
_UPPER_LENGTH: Final = (0.048, 0.036, 0.042, 0.028, 0.018, 0.010)
"""How far each hangs below the line of the shut lips."""
_LOWER_LENGTH: Final = (0.004, 0.0, -0.006, -0.016, -0.024, -0.03)
_FOLLOWED: Final = 0.8
"""How far rows of teeth follow the lips."""


@dataclass(frozen=True)
class Colours:
    """Colours of the inside of a mouth, sRGB 0 to 255."""

    tooth: Array
    lip: Array


@dataclass(frozen=True)
class Inside:
    """Pictures of the inside of a mouth: Y, U, V and opacity, colours multiplied by it."""

    cavity: Bytes
    upper_teeth: Bytes
    lower_teeth: Bytes
    tongue: Bytes


def inside(shape: MouthShape, colours: Colours, blur: float) -> Inside:
    """Draw the inside of a mouth; ``blur`` in pixels makes it as soft as the picture."""
    factor = int(np.clip(np.ceil(_FINEST / shape.width), 1, 3))
    u, v = canvas(shape.width, factor)
    along = f32(u * shape.width)
    side = f32(shape.side(along) / 2)
    high, low = (
        f32(v - _FOLLOWED * _arc(shape, line, along) / shape.width)
        for line in (shape.seam_upper, shape.seam_lower)
    )
    return Inside(
        cavity=_packed(*_cavity(side, high, colours), factor, blur),
        upper_teeth=_packed(*_teeth(side, high, colours, upper=True), factor, blur),
        lower_teeth=_packed(*_teeth(side, low, colours, upper=False), factor, blur),
        tongue=_packed(*_tongue(side, low, colours), factor, blur),
    )


def _arc(shape: MouthShape, line: Array, along: Array) -> Array:
    """Return the arc closest to a line of lips: rows of teeth do not bend where these do."""
    u = np.linspace(-shape.left, shape.right, 65)
    found = np.polynomial.Polynomial.fit(u, shape.at(line, f32(u)), 2)
    return f32(found(np.clip(along, -shape.left, shape.right)))


def canvas(width: float, factor: int = 1) -> tuple[Array, Array]:
    """Return u and v in widths of the mouth at each pixel of the canvas, oversampled."""
    columns = round((RIGHT - LEFT) * width) * factor
    rows = round((BOTTOM - TOP) * width) * factor
    across = LEFT + (np.arange(columns, dtype=np.float32) + 0.5) / (width * factor)
    down = TOP + (np.arange(rows, dtype=np.float32) + 0.5) / (width * factor)
    return np.meshgrid(across, down)


def _packed(rgb: Array, alpha: Array, factor: int, blur: float) -> Bytes:
    size = rgb.shape[1] // factor, rgb.shape[0] // factor
    opacity = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)[..., None]
    colour = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    planes = np.dstack(
        [yuv.full_resolution(rounded(colour)).astype(np.float32) * opacity, opacity * 255]
    )
    if blur > 0.2:
        planes = cv2.GaussianBlur(planes, (0, 0), blur)
    return rounded(planes)


def _cavity(side: Array, depth: Array, colours: Colours) -> tuple[Array, Array]:
    """Return the throat: darkest in the middle, the colour of lips towards the sides and below."""
    distance = np.hypot(side / 0.5, (depth - 0.10) / 0.45)
    light = 0.16 + 0.18 * np.clip(distance, 0, 1.2) ** 2
    reddish = colours.lip * np.array([1.0, 0.72, 0.7], np.float32)
    return light[..., None] * reddish, np.ones_like(side)


def _teeth(side: Array, depth: Array, colours: Colours, *, upper: bool) -> tuple[Array, Array]:
    widths, lengths = (_UPPER, _UPPER_LENGTH) if upper else (_LOWER, _LOWER_LENGTH)
    edges = np.cumsum((0.0, *widths))
    out = np.abs(side)
    index = np.clip(np.searchsorted(edges, out, side="right") - 1, 0, len(widths) - 1)
    within = (out - edges[index]) / np.array(widths, np.float32)[index] * 2 - 1
    corner = within**2 * np.abs(within)
    length = np.array(lengths, np.float32)[index]
    if upper:
        end = length - 0.020 * corner - 0.004 * np.where(within > 0, within, 0)
        inside = end - depth
    else:
        end = -length + 0.014 * corner
        inside = depth - end
    alpha = smooth(-0.004, 0.004, inside) * (out < edges[-1])
    gap = np.exp(-(((1 - np.abs(within)) / 0.10) ** 2))
    arch = np.clip(1 - (out / 0.62) ** 2, 0, 1) ** 0.8
    along = np.clip(inside / 0.16, 0, 1)
    light = (0.34 + 0.62 * arch) * (1 - 0.22 * gap) * (0.90 + 0.10 * np.sin(np.pi * along))
    light *= 1 - 0.10 * within**2
    light *= 1 - 0.10 * np.exp(-((inside / 0.012) ** 2))
    if not upper:
        light *= 0.74 * (1 - 0.5 * np.clip(inside / 0.12, 0, 1))
    warm = np.array([1.0, 0.985, 0.955], np.float32)
    return light[..., None] * colours.tooth * np.where(gap[..., None] > 0.5, warm, 1), alpha


def _tongue(side: Array, depth: Array, colours: Colours) -> tuple[Array, Array]:
    """Return the tongue at rest: a low dome behind the lower teeth, with a shallow furrow."""
    dome = 0.02 + 0.10 * (side / 0.36) ** 2
    inside = depth - dome
    alpha = smooth(0.0, 0.02, inside) * smooth(0.0, 0.05, 0.40 - np.abs(side))
    light = (
        0.80
        * np.clip(1 - (side / 0.42) ** 2, 0.1, 1)
        * (0.72 + 0.28 * np.exp(-np.maximum(inside, 0) / 0.06))
    )
    light *= 1 - 0.14 * np.exp(-((side / 0.025) ** 2))
    pink = 0.55 * colours.lip + 0.45 * np.array([200, 110, 105], np.float32) * (
        float(colours.lip.mean()) / 130
    )
    return light[..., None] * pink, alpha
