"""The layers of a picture: the person with a soft edge, and what is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded, u8

_SURE: Final = 0.93
"""Pixels of at least this opacity show the person alone."""


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
    sure = (alpha >= _SURE).astype(np.float32)
    person = _continued(picture, sure)
    free = f32(cv2.erode(f32(alpha <= 0.01), _disc(0.008 * sum(picture.shape[:2]))))
    background = _continued(picture, free) if free.any() else picture
    person, background = _exact(picture, person, background, alpha)
    return Layers(person, rounded(alpha * 255), background)


def _cleaned(mask: Array, points: Array) -> Array:
    """Return the opacity: the connected area that has the face, without veils beside it."""
    alpha = np.clip((mask - 0.2) / 0.6, 0, 1).astype(np.float32)
    oval = points[list(named.FACE_OVAL), :2]
    face = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(face, [np.rint(oval).astype(np.int32)], 1)
    alpha = np.maximum(alpha, cv2.GaussianBlur(face.astype(np.float32), (0, 0), 1.5))
    _, labels = cv2.connectedComponents((alpha > 0.5).astype(np.uint8))
    centre = np.clip(np.rint(oval.mean(0)).astype(int), 0, np.array(mask.shape[::-1]) - 1)
    person = (labels == labels[centre[1], centre[0]]).astype(np.float32)
    holes = _filled(person)
    height = float(np.hypot(*(points[named.CHIN, :2] - points[named.FOREHEAD, :2])))
    near = cv2.GaussianBlur(
        cv2.dilate(holes, _disc(0.05 * height)), (0, 0), max(0.02 * height, 0.5)
    )
    inner = cv2.erode(holes, _disc(0.05 * height))
    sure = cv2.GaussianBlur(inner, (0, 0), max(0.01 * height, 0.5))
    return f32(np.maximum(alpha * near, sure))


def _filled(area: Array) -> Array:
    """Return the area without holes."""
    padded = np.pad(area.astype(np.uint8), 1)
    cv2.floodFill(padded, None, (0, 0), 2)
    return f32(padded[1:-1, 1:-1] != 2)


def _disc(radius: float) -> Bytes:
    size = 2 * max(round(radius), 1) + 1
    return u8(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def _continued(picture: Bytes, known: Array) -> Bytes:
    """Return the picture with all but the known pixels filled smoothly from these."""
    filled = _pulled(picture.astype(np.float32) * known[..., None], known)
    kept = known[..., None]
    return rounded(picture * kept + filled * (1 - kept))


def _pulled(weighted: Array, weight: Array) -> Array:
    """Return colours for all pixels: averages of ever larger areas where nothing is known."""
    height, width = weight.shape
    if max(height, width) <= 2:
        mean = weighted.sum((0, 1)) / max(float(weight.sum()), 1e-6)
        return np.broadcast_to(mean, weighted.shape).astype(np.float32)
    size = (width + 1) // 2, (height + 1) // 2
    half = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    full = np.minimum(known * 4, 1) / np.maximum(known, 1e-6)
    coarse = _pulled(f32(half * full[..., None]), f32(known * full))
    wide = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return f32(weighted + wide * (1 - weight)[..., None])


def _exact(picture: Bytes, person: Bytes, background: Bytes, alpha: Array) -> tuple[Bytes, Bytes]:
    """Return person and background that together give the picture again.

    What they miss goes to the person where that is mostly seen, and to the background where it
    hardly is: a person at rest before the own background is then the picture, and neither keeps
    an outline of the other.
    """
    share = alpha[..., None]
    missing = picture - (share * person + (1 - share) * background)
    to_person = np.clip((share - 0.3) / 0.3, 0, 1)
    to_background = np.clip((0.15 - share) / 0.12, 0, 1)
    return (
        rounded(person + missing * to_person / np.maximum(share, 0.3)),
        rounded(background + missing * to_background / np.maximum(1 - share, 0.3)),
    )
