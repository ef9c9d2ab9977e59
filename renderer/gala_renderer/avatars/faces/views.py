"""What the network of the person's mask sees, looking at a picture in several ways."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.square import Picture
from gala_renderer.avatars.faces.tflite import Model

Field = NDArray[np.float32]

_SIZE: Final = 256
_LARGEST: Final = 512
_DARK: Final = 48
"""The median of the brightest channels up to which a picture is dark."""
_LIFTED: Final = np.rint(255 * (np.arange(256) / 255) ** 0.6).astype(np.uint8)
"""A lookup table that lightens a picture, so that dark clothes stand out from a dark background."""
_OBLONG: Final = 1.1
"""From this ratio of its sides on, a picture is squeezed so much that a square of it helps."""
_WIDE: Final = 7
"""Half the width from which on a doubt is more than an edge, in pixels."""
_NEAR: Final = 20
"""How far from such a doubt the square is heard, in pixels."""
_HEAD: Final = 0.25
"""How much of the person's height, from the top, says where the square is."""
_FADING: Final = 0.1
"""How far from its edges a square fades in, as a fraction of its side."""


def probability(model: Model, picture: Picture) -> Field:
    """Return how probable a person is, 0 to 1; of the picture's shape, at most 512 pixels a side.

    The network is asked again, as it errs differently each time, about a lighter picture if this
    one is dark, and in wide areas of doubt about a square part, which is not squeezed.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _LARGEST / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    shown = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    whole = _seen(model, shown)
    if np.median(shown.max(-1)) < _DARK:
        shown = np.asarray(cv2.LUT(shown, _LIFTED), np.uint8)
        whole = (whole + _seen(model, shown)) / np.float32(2)
    doubt = _wide_doubt(whole)
    if max(size) < _OBLONG * min(size) or not doubt.any():
        return whole
    rows, columns = _square(whole)
    part = _seen(model, np.ascontiguousarray(shown[rows, columns]))
    share = _fading(size, rows, columns) * doubt[rows, columns] / np.float32(2)
    whole[rows, columns] += share * (part - whole[rows, columns])
    return whole


def _seen(model: Model, picture: Picture) -> Field:
    small = cv2.resize(picture, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)
    outputs = model.run(np.asarray(small[None], np.float32) / 255)
    rough = next(iter(outputs.values()))[0, ..., 0]
    return np.asarray(cv2.resize(rough, picture.shape[1::-1]), np.float32)


def _wide_doubt(whole: Field) -> Field:
    """Return how much the network is in doubt over an area, 0 to 1, around it as well."""
    doubt = np.minimum(4 * np.minimum(whole, 1 - whole), 1)
    core = cv2.erode(doubt, np.ones((2 * _WIDE + 1,) * 2, np.uint8))
    return np.asarray(cv2.dilate(core, np.ones((2 * _NEAR + 1,) * 2, np.uint8)), np.float32)


def _square(whole: Field) -> tuple[slice, slice]:
    """Return rows and columns of the largest square around the head of a person."""
    height, width = whole.shape
    side = min(height, width)
    rows = np.flatnonzero(whole.max(1) > 0.5)
    if not len(rows):
        return slice(0, side), slice((width - side) // 2, (width - side) // 2 + side)
    top = int(rows[0])
    head = whole[top : top + max(round(_HEAD * (int(rows[-1]) - top)), 1)].sum(0)
    middle = float((head * np.arange(width)).sum() / head.sum())
    left = int(np.clip(middle - side / 2, 0, width - side))
    above = int(np.clip(top - _FADING * side, 0, height - side))
    return slice(above, above + side), slice(left, left + side)


def _fading(size: tuple[int, int], rows: slice, columns: slice) -> Field:
    """Return the share of a square, 0 at those of its edges that lie within the picture."""
    across, down = (_ramps(part, side) for part, side in zip((columns, rows), size, strict=True))
    return np.asarray(np.minimum.outer(down, across), np.float32)


def _ramps(part: slice, side: int) -> Field:
    length = part.stop - part.start
    away = (np.arange(length) + 0.5) / (_FADING * length)
    share = np.ones(length)
    if part.start > 0:
        share = np.minimum(share, away)
    if part.stop < side:
        share = np.minimum(share, away[::-1])
    return np.asarray(share, np.float32)
