"""Hair over the upper lip: how much of it there is, and the strands that hang over an open mouth.

Without them an open mouth is a clean hole in a beard.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.mouth_shape import MouthShape
from gala_renderer.avatars.portrait.warp import sampled_field

_CHEEKS: Final = (50, 205, 425, 280, 101, 330)
_DARKER: Final = 10.0
"""How much darker than the cheeks hair is at least, in steps of lightness (0 to 255)."""
_GREY, _COLOURFUL = 0.55, 0.75
"""Colourfulness as a share of that of the cheeks: of hair, and of skin in shadow."""
_HAIRY, _RED = 0.7, 0.95
"""Redness of the upper lip as a share of that of the cheeks: covered with hair, and free."""
_LEVELS: Final = np.arange(256, dtype=np.float32) / 255
_LINEAR: Final = np.where(_LEVELS > 0.04045, ((_LEVELS + 0.055) / 1.055) ** 2.4, _LEVELS / 12.92)
"""Light by the levels of sRGB."""
_TO_XYZ: Final = (
    np.array([[0.412453, 0.357580, 0.180423],
              [0.212671, 0.715160, 0.072169],
              [0.019334, 0.119193, 0.950227]])
    / np.array([[0.950456], [1.0], [1.088754]])
).T.astype(np.float32)  # fmt: skip
"""Light of red, green and blue to X, Y and Z, as shares of those of white."""
_DARK: Final = 0.008856
_LENGTH: Final = 0.085
"""Of the longest strands, in widths of the mouth."""
_SPACING: Final = 0.021
_FINEST: Final = 1.6
"""The least distance of strands in pixels of the frame."""
_SLANT: Final = 0.5
_SEED: Final = 7


def amount(picture: Bytes, points: Array, shape: MouthShape) -> float:
    """Return 1 if hair hangs over the upper lip of a picture of sRGB, 0 if that is free.

    Hair is darker than the cheeks and has less colour; skin in shadow keeps its colour. A lip that
    is seen is redder than the cheeks.
    """
    lab, at = _around(picture, shape)
    u, v = shape.axes(f32(at[..., 0]), f32(at[..., 1]))
    middle = np.abs(u) < 0.42 * shape.width
    seam, edge = (
        shape.at(f32(line), u) for line in (shape.seam_upper, shape.seam_upper - shape.lip_upper)
    )
    strip = lab[middle & (v < edge - 0.03 * shape.width) & (v > -0.75 * shape.nose)]
    lip = lab[middle & (v < seam - 0.02 * shape.width) & (v > edge)]
    skin = _skin(picture, points, max(int(0.15 * shape.width), 2))
    if not len(strip) or not len(lip) or not len(skin):
        return 0.0
    cheek, hair = np.median(skin, 0), np.median(strip, 0)
    if hair[0] > cheek[0] - _DARKER:
        return 0.0
    colour = np.hypot(*hair[1:]) / max(float(np.hypot(*cheek[1:])), 4.0)
    red = np.median(lip[:, 1]) / max(float(cheek[1]), 2.0)
    return float((1 - smooth(_GREY, _COLOURFUL, colour)) * (1 - smooth(_HAIRY, _RED, red)))


def _around(picture: Bytes, shape: MouthShape) -> tuple[Array, Array]:
    """Return the colours around the mouth, and the positions of their pixels."""
    corner = np.clip(shape.centre - shape.width, 0, None).astype(int)
    far = np.maximum(shape.centre + shape.width, corner + 1).astype(int)
    part = picture[corner[1] : far[1], corner[0] : far[0]]
    rows, columns = np.indices(part.shape[:2], dtype=np.float32)
    return lab(part), f32(np.dstack([columns + corner[0], rows + corner[1]]))


def _skin(picture: Bytes, points: Array, reach: int) -> Array:
    """Return the colours of the cheeks."""
    parts = [
        picture[max(y - reach, 0) : max(y + reach, 0), max(x - reach, 0) : max(x + reach, 0)]
        for x, y in points[list(_CHEEKS), :2].astype(int)
    ]
    return np.vstack([lab(part).reshape(-1, 3) for part in parts])


def lab(part: Bytes) -> Array:
    """Return lightness and two colours around 0, each in steps of 0 to 255: CIE L*a*b*, D65.

    OpenCV's conversion first fills tables, for more than a tenth of a second.
    """
    xyz = f32(_LINEAR[part] @ _TO_XYZ)
    root = np.where(xyz > _DARK, np.cbrt(xyz), xyz * np.float32(7.787) + np.float32(16 / 116))
    x, y, z = (root[..., axis] for axis in range(3))
    return f32(np.stack([(116 * y - 16) * 2.55, 500 * (x - y), 200 * (y - z)], -1))


def fringe(shape: MouthShape, at: Array, finest: float) -> Array:
    """Return where strands hang over the mouth, 0 to 1, at pixels of the picture at rest.

    ``finest`` is the least width of a strand in pixels.
    """
    u, v = shape.axes(at[..., 0], at[..., 1])
    below = v - shape.at(shape.seam_upper, u)
    spacing = max(_SPACING * shape.width, finest)
    splayed = u - _SLANT * np.maximum(below, 0) * np.clip(shape.side(u), -1, 1)
    across = splayed / spacing + 1000.0
    random = np.random.default_rng(_SEED).random((2, 4096)).astype(np.float32)
    strand = np.floor(across).astype(int) % 4096
    length = _LENGTH * shape.width * (0.12 + 0.88 * random[0][strand])
    middle = 0.3 + 0.4 * random[1][strand]
    thick = 1 - np.abs(across - np.floor(across) - middle) / 0.6
    reached = 1 - np.maximum(below, 0) / length
    inside = np.clip(1.15 - np.abs(shape.side(u)), 0, 0.3) / 0.3
    return f32(np.clip(3.0 * np.minimum(thick, reached), 0, 1) * inside * (reached > 0))


def strands(picture: Bytes, shape: MouthShape, at: Array) -> Array:
    """Return the colours of the hair above each pixel, for what hangs over the mouth."""
    u, _ = shape.axes(at[..., 0], at[..., 1])
    up = shape.at(shape.lip_upper, u) + 0.11 * shape.width
    cos, sin = float(shape.along[0]), float(shape.along[1])
    pixel = float(at[0, 1, 0] - at[0, 0, 0])
    rows, columns = np.indices(u.shape, dtype=np.float32)
    origin = f32(np.dstack([columns + up * sin / pixel, rows - up * cos / pixel]))
    return sampled_field(f32(picture), origin)


def with_moustache(
    picture: Bytes, lip: tuple[Bytes, Bytes], shape: MouthShape, at: Array, share: float
) -> tuple[Bytes, Bytes]:
    """Return an upper lip and its mask with strands that hang below its edge.

    ``share`` is what :func:`amount` returns, ``at`` the positions of the pixels.
    """
    colour, mask = lip
    hanging = fringe(shape, at, _FINEST) * np.float32(share)
    own = f32(mask) / np.float32(255)
    opacity = np.maximum(own, hanging)
    beyond = ((opacity - own) / np.maximum(opacity, 1e-3))[..., None]
    hair = strands(picture, shape, at)
    return rounded(colour + (hair - colour) * beyond), rounded(255 * opacity)
