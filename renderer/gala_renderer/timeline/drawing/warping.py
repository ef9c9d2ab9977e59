"""Pictures moved, turned and scaled by parts of a pixel."""

from __future__ import annotations

import math
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.scaling import bordered, scaled
from gala_renderer.timeline.drawing.matrices import Matrix

Image = NDArray[np.uint8]
_LEVEL_BIAS: Final = 0.4
"""A picture is reduced by half again when it is shown at less than this many halvings."""
_CHEAP_SIGMA: Final = 4.0
"""Standard deviation from which a blur is computed on a smaller picture."""


class Pyramid:
    """A picture in its size, in half of it, and so on; made when they are used."""

    def __init__(self, picture: Image):
        self._levels = [picture]
        self._bordered: dict[int, Image] = {}

    def warped(self, matrix: Matrix, size: tuple[int, int], *, edge: int) -> Image:
        """Return a frame of ``size`` with the picture; ``edge`` is OpenCV's way for its outside."""
        grows = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
        number = 0 if grows <= 0 else max(0, math.floor(_LEVEL_BIAS - math.log2(grows)))
        level = self._level(number)
        whole = self._levels[0].shape
        shares = whole[1] / level.shape[1], whole[0] / level.shape[0]
        linear = matrix[:, :2] * shares
        if edge == cv2.BORDER_REPLICATE:
            number = min(number, len(self._levels) - 1)
            exact = np.column_stack([linear, matrix[:, 2]])
            larger = scaled(self._border(number), exact, size, interpolation=cv2.INTER_LINEAR)
            if larger is not None:
                return larger
        # OpenCV counts from the middle of the first pixel.
        shift = linear @ (0.5, 0.5) + matrix[:, 2] - 0.5
        return _u8(
            cv2.warpAffine(
                level,
                np.column_stack([linear, shift]),
                size,
                flags=cv2.INTER_LINEAR,
                borderMode=edge,
                borderValue=(0, 0, 0, 0),
            )
        )

    def _border(self, number: int) -> Image:
        """Return a level with its edges continued on all sides."""
        if number not in self._bordered:
            self._bordered[number] = bordered(self._levels[number])
        return self._bordered[number]

    def _level(self, number: int) -> Image:
        while len(self._levels) <= number and min(self._levels[-1].shape[:2]) >= 2:
            last = self._levels[-1]
            half = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            self._levels.append(_u8(cv2.resize(last, half, interpolation=cv2.INTER_AREA)))
        return self._levels[min(number, len(self._levels) - 1)]


def blurred(picture: Image, sigma: float) -> Image:
    """Return a picture blurred; wide blurs are computed at a smaller size."""
    reduced = max(1, int(sigma / _CHEAP_SIGMA))
    if reduced == 1:
        return _u8(cv2.GaussianBlur(picture, (0, 0), sigma))
    height, width = picture.shape[:2]
    small = (max(1, width // reduced), max(1, height // reduced))
    little = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(little, (0, 0), sigma / reduced)
    return _u8(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR))


def _u8(image: object) -> Image:
    """Narrow what OpenCV's stubs call an array of any numbers."""
    return cast(Image, image)
