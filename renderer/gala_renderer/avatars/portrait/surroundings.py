"""What a frame shows behind a person: the picture's background, continued beyond its edges."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded, u8
from gala_renderer.avatars.portrait.blending import mixed
from gala_renderer.avatars.portrait.fields import smooth
from gala_renderer.avatars.portrait.prepared import Prepared

_SPEED: Final = 0.1
"""How far the picture is mirrored beyond its edges, per distance from the edge."""
_BLUR: Final = 0.03
"""Standard deviation of the blur beyond the edges, as a fraction of the frame's longer side."""
_TURNING: Final = 0.06
"""In which part of the picture's shorter side it turns into its blurred continuation."""
_REDUCED: Final = 4
"""By how much what is blurred is smaller."""


def surroundings(prepared: Prepared, size: tuple[int, int], placement: Placement) -> Bytes:
    """Return sRGB for a frame of ``size``; the place of the person is filled from around it.

    Beyond its edges, the background goes on mirrored, widened and blurred.
    """
    inside = _placed(prepared.background, size, placement)
    across, down = (
        _beyond(start, side * placement.scale, length)
        for start, side, length in zip((placement.x, placement.y), prepared.size, size, strict=True)
    )
    turning = _TURNING * min(prepared.size) * placement.scale
    rows, columns = (rounded(255 * smooth(-turning, 0, each)) for each in (down, across))
    if not (rows.any() or columns.any()):
        return inside
    beyond = _continued(prepared.background, size, placement)
    return mixed(beyond, inside, np.maximum.outer(rows, columns))


def _placed(picture: Bytes, size: tuple[int, int], placement: Placement) -> Bytes:
    shift = 0.5 * placement.scale - 0.5
    matrix = np.array(
        [[placement.scale, 0, placement.x + shift], [0, placement.scale, placement.y + shift]]
    )
    how = cv2.INTER_AREA if placement.scale < 1 else cv2.INTER_CUBIC
    return u8(cv2.warpAffine(picture, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE))


def _beyond(start: float, length: float, side: int) -> Array:
    """Return how far each pixel of a side lies beyond the picture; inside, it is negative.

    Edges of the picture that lie outside of the frame do not count.
    """
    at = np.arange(side, dtype=np.float32) + 0.5
    found = np.full(side, -np.inf, np.float32)
    if start >= 1:
        found = start - at
    if start + length <= side - 1:
        found = np.maximum(found, at - start - length)
    return f32(found)


def _continued(picture: Bytes, size: tuple[int, int], placement: Placement) -> Bytes:
    """Return the picture blurred, with what is beyond it."""
    small = [max(side // _REDUCED, 1) for side in size]
    columns, rows = (
        _mirrored(start, scale=placement.scale, side=side, pixels=pixels, step=length / pixels)
        for start, side, pixels, length in zip(
            (placement.x, placement.y), picture.shape[1::-1], small, size, strict=True
        )
    )
    found = cv2.remap(picture, *np.meshgrid(columns, rows), cv2.INTER_LINEAR)
    blurred = cv2.GaussianBlur(found, (0, 0), _BLUR * max(small))
    return u8(cv2.resize(blurred, size, interpolation=cv2.INTER_LINEAR))


def _mirrored(start: float, *, scale: float, side: int, pixels: int, step: float) -> Array:
    """Return positions in the picture, along one side, of pixels of ``step`` in the frame."""
    at = ((np.arange(pixels) + 0.5) * step - start) / scale
    last = side - 1.0
    at = np.where(at < 0, -_SPEED * at, at)
    at = np.where(at > last, last - _SPEED * (at - last), at)
    return f32(np.clip(at, 0, last))
