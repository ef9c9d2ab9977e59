"""The end of a cut-out person where its picture ends: round and soft, not a straight cut."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.portrait.arrays import Array, Bytes, f32, rounded, u8
from gala_renderer.avatars.portrait.fields import smooth


class _Corners(NamedTuple):
    """How a person ends, in parts of the picture's width."""

    radius: float
    fading: float
    """Within which distance of an end a person fades out."""


_SIDES: Final = _Corners(radius=0.14, fading=0.09)
_TOP: Final = _Corners(radius=0.07, fading=0.015)
"""Hair is narrower than shoulders, and it has an edge, as hats have."""
_RADIUS: Final = 14.0
"""The radius in pixels at which the shape of the end is computed: it is smooth."""
_HALF: Final = 128


class Ends(NamedTuple):
    """The edges of a picture that lie within the frame; the lower edge never does."""

    left: bool
    right: bool
    top: bool

    @classmethod
    def of(cls, placement: Placement, size: tuple[int, int], whole: tuple[int, int]) -> Ends:
        """Return the ends of a picture of size ``whole`` in a frame of ``size``."""
        right = placement.x + whole[0] * placement.scale
        return cls(placement.x >= 1, right <= size[0] - 1, placement.y >= 1)


def ended(opacity: Bytes, ends: Ends, width: float, finer: int) -> Bytes:
    """Return the opacity of a person who ends softly at these edges.

    ``width`` is that of the whole picture in pixels of ``opacity``, which has ``finer`` of them per
    pixel of the frame. The outermost pixels become transparent, so that nothing goes on beyond
    them.
    """
    if not any(ends):
        return opacity
    found = opacity
    for corners, some in ((_SIDES, ends._replace(top=False)), (_TOP, Ends(False, False, ends.top))):
        if any(some):
            found = _rounded(found, some, width, corners)
    # A block of pixels contains the next ones as well.
    outermost = finer + 1
    found[: outermost * ends.top] = 0
    found[:, : outermost * ends.left] = 0
    found[:, found.shape[1] - outermost * ends.right :] = 0
    return found


def _rounded(opacity: Bytes, ends: Ends, width: float, corners: _Corners) -> Bytes:
    step = max(corners.radius * width / _RADIUS, 1.0)
    size = tuple(max(round(side / step), 2) for side in opacity.shape[::-1])
    small = u8(cv2.resize(opacity, size, interpolation=cv2.INTER_AREA))
    fading = corners.fading / corners.radius * _RADIUS
    share = rounded(255 * _share(small >= _HALF, ends, fading))
    wide = cv2.resize(share, opacity.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return u8(cv2.multiply(opacity, wide, scale=1 / 255))


def _share(person: NDArray[np.bool_], ends: Ends, fading: float) -> Array:
    """Return how much is left of a person's opacity, 1 far from where it touches an end."""
    touching = np.zeros_like(person)
    touching[: int(ends.top)] = True
    touching[:, : int(ends.left)] = True
    touching[:, person.shape[1] - int(ends.right) :] = True
    touching &= person
    if not touching.any():
        return np.ones(person.shape, np.float32)
    far = np.clip(_distance(touching) / _RADIUS - 1, 0, 1)
    return f32(np.maximum(_faded(person.shape, ends, fading) * _rounded_corners(person, ends), far))


def _faded(shape: tuple[int, ...], ends: Ends, fading: float) -> Array:
    """Return what is left of an opacity that fades within so many pixels of the ends."""
    down, across = (np.arange(side, dtype=np.float32) for side in shape)
    columns, rows = np.ones_like(across), np.ones_like(down)
    if ends.left:
        columns = columns * smooth(0, fading, across)
    if ends.right:
        columns = columns * smooth(0, fading, f32(across[::-1]))
    if ends.top:
        rows = smooth(0, fading, down)
    return f32(np.outer(rows, columns))


def _rounded_corners(person: NDArray[np.bool_], ends: Ends) -> Array:
    """Return the person without the corners that a disc does not reach ("opening")."""
    around = (int(ends.top), 0, int(ends.left), int(ends.right))
    bordered = cv2.copyMakeBorder(person.astype(np.uint8), *around, cv2.BORDER_CONSTANT, value=0)
    inner = _distance(bordered == 0) > _RADIUS
    if not inner.any():
        return np.ones(person.shape, np.float32)
    reached = np.clip(_RADIUS + 0.5 - _distance(inner), 0, 1)
    soft = f32(cv2.GaussianBlur(f32(reached), (0, 0), 1.0))
    top, left = int(ends.top), int(ends.left)
    return soft[top : top + person.shape[0], left : left + person.shape[1]]


def _distance(area: NDArray[np.bool_]) -> Array:
    """Return the distance of each pixel from an area that is not empty, 0 inside."""
    return f32(cv2.distanceTransform((~area).astype(np.uint8), cv2.DIST_L2, 5))
