"""Drawing of an open mouth: both lips over the teeth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.portrait import teeth
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded, u8
from gala_renderer.avatars.portrait.blending import mixed, over
from gala_renderer.avatars.portrait.fields import JAW_DROP, smooth
from gala_renderer.avatars.portrait.mouth_shape import MouthShape
from gala_renderer.avatars.portrait.warp import Area, sampled_field
from gala_renderer.avatars.portrait.weights import Weights

_LIP_EDGE: Final = 0.07
"""How much of a parted lip's edge may show teeth or their shine, in widths of the mouth."""
_BLACK: Final = np.uint8(16)
_COVERED: Final = 0.06
"""How much of the teeth rounded lips cover, in widths of the mouth."""
_BITE: Final = 0.035
"""How far the lower teeth reach behind the upper ones of a mouth that hardly opens, in its widths:
the dark between the ends of the upper ones would be a row of dots."""
_BITES: Final = (0.08, 0.13)
"""Openings of the jaw between which that ends."""
_SHADE: Final = 0.34
"""Light that the upper lip takes from what is right under it."""


def lip_masks(shape: MouthShape, at: Array, softness: float) -> tuple[Bytes, Bytes, Bytes]:
    """Return at each pixel of the picture at rest, 0 to 255: upper side, lower side, opening.

    The sides of shut lips overlap by their soft edge, so that nothing shows through; those of
    parted lips end before it. The opening is full between the corners; beyond them there is
    nothing to look into.
    """
    u, v = shape.axes(at[..., 0], at[..., 1])
    top, bottom = shape.at(shape.seam_upper, u), shape.at(shape.seam_lower, u)
    overlap = softness * np.clip(0.5 - (bottom - top) / (3 * softness), -0.5, 0.5)
    upper = smooth(-softness, softness, top - v + overlap)
    lower = smooth(-softness, softness, v - bottom + overlap)
    between = 1 - smooth(0.90, 1.0, np.abs(shape.side(u)))
    return rounded(255 * upper), rounded(255 * lower), rounded(255 * between)


def rolled(picture: Bytes, shape: MouthShape, at: Array, *, upper: bool) -> Bytes:
    """Return one lip with its edge continued, so that teeth of the picture do not stick to it.

    Nothing changes where the lips of the picture touch.
    """
    u, v = shape.axes(at[..., 0], at[..., 1])
    gap = shape.at(f32(shape.seam_lower - shape.seam_upper), u)
    thickness = shape.at(shape.lip_upper if upper else shape.lip_lower, u)
    margin = np.minimum(np.minimum(0.8 * gap, 0.5 * thickness), _LIP_EDGE * shape.width)
    parted = margin > 0.3
    edge = shape.at(shape.seam_upper if upper else shape.seam_lower, u)
    inwards = np.maximum((v - edge if upper else edge - v) + margin, 0)
    back = np.minimum(inwards, margin) * 1.3 + np.maximum(inwards - margin, 0)
    back = back * parted * (-1 if upper else 1)
    cos, sin = float(shape.along[0]), float(shape.along[1])
    pixel = float(at[0, 1, 0] - at[0, 0, 0])
    rows, columns = np.indices(u.shape, dtype=np.float32)
    origin = f32(np.dstack([columns - back * sin / pixel, rows + back * cos / pixel]))
    found = f32(sampled_field(f32(picture), origin))
    dark = 0.35 * np.clip(inwards / np.maximum(margin, 0.3), 0, 1) * parted
    found[..., 0] = 16 + (found[..., 0] - 16) * (1 - dark)
    return rounded(found)


class MouthInside:
    """Places the pictures of the inside of a mouth in an area of the frame."""

    def __init__(self, shape: MouthShape, pictures: teeth.Inside) -> None:
        self._shape = shape
        self._pictures = pictures

    def draw(self, skull: Array, area: Area, weights: Weights) -> Bytes:
        """Return Y, U and V of the inside, and a channel that is full.

        ``skull`` is its affine movement around the mouth, 2x3, in pixels. The upper teeth hang on
        the skull, the lower ones and the tongue on the jaw. Rounded lips cover both rows.
        """
        width, jaw = self._shape.width, weights.jaw
        drop = 0.9 * JAW_DROP * jaw * width
        raised = width * (0.20 * min(2 * jaw, 1) + weights.tongue * (0.05 + 0.14 * jaw))
        covered = _COVERED * weights.rounded * width
        bite = _BITE * width * (1 - float(smooth(*_BITES, weights.jaw)))
        found = self._placed(self._pictures.cavity, 0.35 * drop, skull, area)
        for picture, down in (
            (self._pictures.tongue, drop - raised),
            (self._pictures.lower_teeth, drop + covered - bite),
            (self._pictures.upper_teeth, -covered),
        ):
            found = over(self._placed(picture, down, skull, area), found)
        return found

    def _placed(self, picture: Bytes, down: float, skull: Array, area: Area) -> Bytes:
        shape = self._shape
        cos, sin = float(shape.along[0]), float(shape.along[1])
        turn = np.array([[cos, -sin], [sin, cos]], np.float32)
        corner = np.array([teeth.LEFT, teeth.TOP], np.float32) * shape.width + 0.5
        start = shape.centre + turn @ (corner + np.array([0, down], np.float32))
        shift = skull[:, :2] @ start + skull[:, 2] - np.array([area.left, area.top], np.float32)
        matrix = np.hstack([skull[:, :2] @ turn, shift[:, None]])
        return u8(cv2.warpAffine(picture, matrix, (area.width, area.height)))


@dataclass(frozen=True, slots=True)
class OpenMouth:
    """An open mouth without what is around it."""

    upper: Bytes
    """Y, U and V of the upper lip, and ``above``, where it is; likewise the lower one."""
    above: Bytes
    lower: Bytes
    below: Bytes
    opening: Bytes
    """Where there is something to look into between the lips."""
    between: tuple[slice, slice]
    """Rows and columns in which ``inside`` is seen, Y, U and V."""
    inside: Bytes

    def over(self, base: Bytes) -> Bytes:
        """Return Y, U and V of the mouth over what was drawn without an opening, Y, U and V.

        The lower lip is over the upper one, and that over the inside.
        """
        found = base
        if self.inside.size:
            part = self.between
            found = base.copy()
            found[part] = mixed(self.inside, u8(base[part]), self.opening[part])
        found = mixed(self.upper, found, self.above)
        return mixed(self.lower, found, self.below)


def open_mouth(
    upper: Bytes,
    lower: Bytes,
    opening: Bytes,
    *,
    inside: Callable[[int, int, int, int], Bytes],
    width: float,
) -> OpenMouth:
    """Return a mouth of this width in pixels.

    ``upper`` and ``lower`` have four channels: Y, U, V, and the side. ``inside`` returns what is in
    a rectangle (left, top, width and height) between the lips, as :meth:`MouthInside.draw`.
    """
    above, below = u8(cv2.extractChannel(upper, 3)), u8(cv2.extractChannel(lower, 3))
    free = cv2.multiply(cv2.bitwise_not(above), cv2.bitwise_not(below), scale=1 / 255)
    x, y, across, down = cv2.boundingRect(cv2.multiply(free, opening, scale=1 / 255))
    between = np.s_[y : y + down, x : x + across]
    dark = np.zeros((0, 0, 3), np.uint8)
    if across:
        dark = u8(cv2.cvtColor(inside(x, y, across, down), cv2.COLOR_RGBA2RGB))
        light = _light(u8(free), above, width)[between]
        lit = cv2.multiply(dark[..., 0] - _BLACK, light, scale=1 / 255)
        dark[..., 0] = u8(lit) + _BLACK
    return OpenMouth(_colour(upper), above, _colour(lower), below, opening, between, dark)


def _colour(lip: Bytes) -> Bytes:
    return u8(cv2.cvtColor(lip, cv2.COLOR_RGBA2RGB))


def _light(free: Bytes, upper: Bytes, width: float) -> Bytes:
    """Return the light inside: less under the upper lip and towards the corners, 0 to 255."""
    across = cv2.blur(free, (int(0.3 * width) | 1, 3))
    under = cv2.blur(upper, (3, int(0.16 * width) | 1))
    sides = cv2.convertScaleAbs(across, alpha=1 / 0.62)
    sides = cv2.addWeighted(sides, 0.75, sides, 0, 64)
    shade = cv2.addWeighted(under, -_SHADE, under, 0, 255)
    return u8(cv2.multiply(sides, shade, scale=1 / 255))
