"""The layers of a picture: the person with a soft edge, and what is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded, u8
from gala_renderer.avatars.portrait.fields import smooth

_SURE: Final = 0.93
"""Pixels of at least this opacity show the person alone."""

_OPAQUE: Final = 0.998
"""Pixels of at least this opacity need no correction: it would be less than half a step."""

_SEEN: Final = 0.1
"""Scraps of a mask hang together with the person in pixels of more than this opacity, or go."""
_FAINT: Final = 0.01
_MARGIN: Final = 0.008
_OF_FACE: Final = 0.06
"""Around the person, the background is not trusted and strands are searched, so far as both say: in
sums of the picture's sides, and in heights of the face."""
_CONTRAST: Final = (30.0, 70.0)
"""Distances of colours between which a pixel turns from background to person."""
_GRAIN: Final = 5.0
"""How much of the picture the filled background keeps around the person, in steps of a channel."""


@dataclass(frozen=True)
class Layers:
    """A picture taken apart."""

    person: Bytes
    """sRGB of the person, continued beyond the edge without the colours of the background."""
    alpha: Bytes
    """Where the person is, 0 to 255."""
    background: Bytes
    """sRGB of the picture without the person, whose place is filled from around it."""


def layers(picture: Bytes, mask: Array, points: Array) -> Layers:
    """Take a picture apart; ``mask`` is where the person is, 0 to 1."""
    alpha = _cleaned(mask, points)
    person = _continued(picture, alpha >= _SURE)
    margin = min(_MARGIN * sum(picture.shape[:2]), _OF_FACE * _height(points))
    free = _outside(alpha > _FAINT) > margin
    background = _continued(picture, free) if free.any() else picture
    alpha = _with_strands(picture, person, background, alpha, reach=margin / 2)
    person, background = _exact(picture, person, background, alpha, margin)
    return Layers(person, rounded(alpha * 255), background)


def _height(points: Array) -> float:
    return float(np.hypot(*(points[named.CHIN, :2] - points[named.FOREHEAD, :2])))


def _cleaned(mask: Array, points: Array) -> Array:
    """Return the opacity: the connected area that has the face, without veils beside it."""
    alpha = np.clip((mask - 0.2) / 0.6, 0, 1).astype(np.float32)
    height = _height(points)
    oval = points[list(named.FACE_OVAL), :2]
    face = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(face, [np.rint(oval).astype(np.int32)], 1)
    # Its outline is that of the mask, which knows better.
    inner_face = f32(_outside(face == 0) > 0.08 * height)
    alpha = np.maximum(alpha, cv2.GaussianBlur(inner_face, (0, 0), 1.5))
    centre = np.clip(np.rint(oval.mean(0)).astype(int), 0, np.array(mask.shape[::-1]) - 1)
    alpha *= _around(alpha > _SEEN, centre)
    person = f32(_around(alpha > 0.5, centre))
    holes = _filled(person)
    grown = f32(_outside(holes > 0) <= 0.05 * height)
    near = cv2.GaussianBlur(grown, (0, 0), max(0.02 * height, 0.5))
    inner = f32(_outside(holes == 0) > 0.05 * height)
    sure = cv2.GaussianBlur(inner, (0, 0), max(0.01 * height, 0.5))
    return f32(np.maximum(alpha * near, sure))


def _around(area: NDArray[np.bool_], at: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Return the connected part of an area that has a position."""
    _, labels = cv2.connectedComponents(area.astype(np.uint8))
    return np.asarray(labels == labels[at[1], at[0]])


def _filled(area: Array) -> Array:
    """Return the area without holes."""
    padded = np.pad(area.astype(np.uint8), 1)
    cv2.floodFill(padded, None, (0, 0), 2)
    return f32(padded[1:-1, 1:-1] != 2)


def _outside(area: NDArray[np.bool_]) -> Array:
    """Return the distance of each pixel from an area, 0 inside."""
    return f32(cv2.distanceTransform((~area).astype(np.uint8), cv2.DIST_L2, 5))


def _continued(picture: Bytes, known: NDArray[np.bool_]) -> Bytes:
    """Return the picture with all but the known pixels filled smoothly from these."""
    height, width = known.shape
    kept = known[..., None]
    half = (width + 1) // 2, (height + 1) // 2
    weighted = f32(cv2.resize(picture * kept, half, interpolation=cv2.INTER_AREA))
    weight = f32(cv2.resize(f32(known), half, interpolation=cv2.INTER_AREA))
    filled = cv2.resize(rounded(_pulled(weighted, weight)), (width, height))
    return u8(np.where(kept, picture, filled))


def _pulled(weighted: Array, weight: Array) -> Array:
    """Return colours for all pixels: averages of ever larger areas where nothing is known."""
    full = np.minimum(weight * 4, 1) / np.maximum(weight, 1e-6)
    weighted, weight = f32(weighted * full[..., None]), f32(weight * full)
    height, width = weight.shape
    if max(height, width) <= 2:
        mean = weighted.sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.broadcast_to(mean, weighted.shape).astype(np.float32)
    half = (width + 1) // 2, (height + 1) // 2
    coarse = _pulled(
        f32(cv2.resize(weighted, half, interpolation=cv2.INTER_AREA)),
        f32(cv2.resize(weight, half, interpolation=cv2.INTER_AREA)),
    )
    wide = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return f32(weighted + wide * (1 - weight)[..., None])


def _with_strands(
    picture: Bytes, person: Bytes, background: Bytes, alpha: Array, *, reach: float
) -> Array:
    """Return the opacity with strands of hair that the mask misses right outside of its edge.

    Each pixel there lies between the colours of the person and of the background; how far says how
    much of it is hair. Where these are alike, the mask decides.
    """
    away = _outside(alpha >= 0.5)
    here = (away > 0) & (away < 2.5 * reach)
    behind = f32(background[here])
    across = person[here] - behind
    squared = (across**2).sum(-1)
    share = ((picture[here] - behind) * across).sum(-1) / np.maximum(squared, 1.0)
    near = np.exp(-((away[here] / reach) ** 2))
    trusted = smooth(*_CONTRAST, np.sqrt(squared)) * near * smooth(0.15, 0.5, share)
    found = alpha.copy()
    found[here] = np.maximum(alpha[here], np.clip(share, 0, 1) * trusted)
    return found


def _exact(
    picture: Bytes, person: Bytes, background: Bytes, alpha: Array, margin: float
) -> tuple[Bytes, Bytes]:
    """Return person and background that together give the picture again.

    What they miss goes to the person where that is mostly seen, and to the background where it
    hardly is: a person at rest before the own background is then the picture. Close to the edge,
    the background gets no more than its grain, or it would keep an outline of the hair that moves
    away from it; where the mask is in doubt over a wide area, it gets all.
    """
    near = (alpha < _OPAQUE) & (_outside(alpha > _FAINT) <= margin)
    share = alpha[near][:, None]
    doubt = smooth(0.7, 1.2, _outside(alpha >= 0.5)[near][:, None] / margin)
    missing = picture[near] - (share * person[near] + (1 - share) * background[near])
    of_person = np.clip((share - 0.3) / 0.3, 0, 1)
    of_background = np.clip((0.15 - share) / 0.12, 0, 1)
    of_background += doubt * (1 - of_person - of_background)
    to_person = of_person / np.maximum(share, 0.3)
    to_background = of_background / np.maximum(1 - share, 0.3)
    limit = _GRAIN + 255 * doubt
    front, behind = person.copy(), background.copy()
    front[near] = rounded(person[near] + missing * to_person)
    behind[near] = rounded(background[near] + np.clip(missing, -limit, limit) * to_background)
    return front, behind
