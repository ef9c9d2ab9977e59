"""Colours of the skin of closed lids, which the open eye hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import Array, f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings

_LID_LIGHT: Final = 0.92
"""The most light of a closed lid that lies in shadow, as a share of the skin's."""
_OF_SKIN: Final = 0.75
"""How far the tint of a closed lid is that of the skin around."""
_COARSEST: Final = 12
_RELAXATIONS: Final = 30
"""The smallest side of the levels that skin is relaxed on, and how often on each."""
_FINE, _FINE_RELAXATIONS = 200, 8
"""Larger levels are smooth already, and are relaxed less often."""


@dataclass(frozen=True, slots=True)
class LidTones:
    """What an open lid, the cheek below it and the skin around say of the colours of a closed lid.

    Some of them are in shadow or hidden by hair, which are darker and greyer.
    """

    light: float
    """Y of the lid."""
    tint: Array
    """U and V of the most colourful of them, less 128, as a share of the light."""

    @classmethod
    def of(cls, shape: EyeShape, around: Surroundings, skin: Array) -> LidTones:
        """Return those of a picture; those of ``skin`` where it shows no more."""
        u, v = around.u, around.v
        crease, upper = shape.at(shape.crease, u), shape.at(shape.upper, u)
        below = v - shape.at(shape.lower, u)
        middle, high = (u > 0.15) & (u < 0.85), upper - crease
        lid = middle & (v > crease + 0.1 * high) & (v < upper - 0.25 * high)
        cheek = middle & (below > 0.15 * shape.width) & (below < 0.35 * shape.width)
        known = [np.median(around.picture[each], 0) for each in (lid, cheek) if each.any()]
        light = float(known[0][0]) if lid.any() else float(skin[0])
        tints = [(each[1:] - 128) / max(float(each[0]) - 16, 1.0) for each in (skin, *known)]
        return cls(light, f32(max(tints, key=np.linalg.norm)))


def like_skin(found: Array, lid: NDArray[np.bool_], skin: Array, tones: LidTones) -> Array:
    """Return the colours of a lid closer to those of skin, in Y, U and V.

    What surrounds it are often shadows, which are dark and grey.
    """
    light, wanted = found[..., 0] - 16, max(float(skin[0]) - 16, tones.light - 16, 1.0)
    mean = max(float(light[lid].mean()) if lid.any() else wanted, 1.0)
    result = found.copy()
    raised = np.minimum(light * np.clip(wanted / mean, 1.0, 1.3) ** 0.75, _LID_LIGHT * wanted)
    result[..., 0] = 16 + np.maximum(light, raised)
    tinted = 128 + tones.tint * (result[..., 0] - 16)[..., None]
    result[..., 1:] += _OF_SKIN * (tinted - result[..., 1:])
    return f32(result)


def membrane(image: Array, hidden: NDArray[np.bool_]) -> Array:
    """Return the image with an area replaced by a membrane between the colours around it.

    A few coarse levels are relaxed, then finer ones, each from the one before.
    """
    levels = [(image, f32(hidden))]
    while min(levels[-1][1].shape) > _COARSEST:
        picture, area = levels[-1]
        weight = f32(cv2.pyrDown(1 - area))
        smaller = cv2.pyrDown(f32(picture * (1 - area)[..., None]))
        levels.append((f32(smaller / np.maximum(weight, 1e-3)[..., None]), f32(weight < 0.05)))
    picture, area = levels[-1]
    known = (1 - area)[..., None]
    mean = (picture * known).sum((0, 1)) / max(float(known.sum()), 1.0)
    found = f32(np.broadcast_to(mean, picture.shape))
    for picture, area in reversed(levels):
        found = f32(cv2.resize(found, (picture.shape[1], picture.shape[0])))
        inside = area[..., None] > 0
        for _ in range(_RELAXATIONS if max(area.shape) < _FINE else _FINE_RELAXATIONS):
            found = f32(np.where(inside, cv2.blur(found, (3, 3)), picture))
    return found
