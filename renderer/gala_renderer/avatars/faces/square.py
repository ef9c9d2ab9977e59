"""Squares of a picture, turned and scaled: what the models look at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""sRGB of shape [height, width, 3]."""
Points: TypeAlias = NDArray[np.float32]

_FINEST: Final = 8
"""How many pixels of a crop, along a side, are averaged at most."""


class Pyramid:
    """A picture, and the same at a half, a quarter and so on of its size, to cut squares from.

    Many squares of one picture are looked at. Of a large one, most pixels would be read only to be
    averaged, each time again. Not for several threads at a time.
    """

    def __init__(self, picture: Picture) -> None:
        self._levels = [picture]

    @property
    def picture(self) -> Picture:
        """The picture itself."""
        return self._levels[0]

    def level(self, number: int) -> Picture:
        """Return the picture halved this often; its last row or column is left out if it is odd."""
        import cv2  # noqa: PLC0415 - heavy, and optional

        while len(self._levels) <= number:
            height, width = (side // 2 for side in self._levels[-1].shape[:2])
            even = self._levels[-1][: 2 * height, : 2 * width]
            half = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(half, np.uint8))
        return self._levels[number]

    def fitting(self, pixels: float) -> int:
        """Return the level to sample where ``pixels`` of the picture, along a side, become one.

        There are two to four of them, unless the picture gets too small.
        """
        limit = min(self.picture.shape[:2]).bit_length() - 1
        return min(max(math.floor(math.log2(pixels / 2)), 0), limit) if pixels > 0 else 0


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a picture.

    ``x`` and ``y`` are its centre in pixels, ``side`` its length in pixels, and ``angle`` its turn
    in radians, clockwise.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    @classmethod
    def around(cls, points: Points, angle: float, margin: float) -> Square:
        """Return the square around points, at that angle, ``margin`` times as large as they."""
        turn = _rotation(angle)
        upright = points[:, :2] @ turn  # the inverse of a rotation is its transpose
        low, high = upright.min(0), upright.max(0)
        x, y = turn @ ((low + high) / 2)
        return cls(float(x), float(y), margin * float((high - low).max()), angle)

    def grown(self, factor: float) -> Square:
        """Return the square that is larger by a factor, around the same centre."""
        return Square(self.x, self.y, self.side * factor, self.angle)

    def scaled(self, factor: float) -> Square:
        """Return the same square of a picture that is larger by a factor."""
        return Square(self.x * factor, self.y * factor, self.side * factor, self.angle)

    def cut(self, pyramid: Pyramid, size: int, *, extend: bool = False) -> Picture:
        """Return the square of a picture as one of ``size`` pixels.

        Outside of the picture it is black, or if ``extend`` is set, the colour of the border.
        """
        import cv2  # noqa: PLC0415 - heavy, and optional

        level = pyramid.fitting(self.side / size)
        picture, near = pyramid.level(level), self.scaled(0.5**level)
        finer = min(max(round(near.side / size), 1), _FINEST)
        matrix = near.to_picture(size * finer)
        border = cv2.BORDER_REPLICATE if extend else cv2.BORDER_CONSTANT
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        found = cv2.warpAffine(
            picture, matrix, (size * finer, size * finer), flags=flags, borderMode=border
        )
        if finer > 1:
            found = cv2.resize(found, (size, size), interpolation=cv2.INTER_AREA)
        return np.asarray(found, np.uint8)

    def to_picture(self, size: int) -> NDArray[np.float64]:
        """Return the matrix [2, 3] from pixels of the crop to pixels of the picture.

        Both count from the centre of the pixel at the top left.
        """
        linear = _rotation(self.angle) * (self.side / size)
        centre = np.array([self.x, self.y]) - 0.5
        offset = centre - linear @ np.full(2, size / 2 - 0.5)
        return np.column_stack([linear, offset])

    def mapped(self, points: Points, size: int) -> Points:
        """Return points of a crop as points of the picture; both count from the corner.

        A third coordinate is a depth in pixels, which is only scaled.
        """
        linear = _rotation(self.angle) * (self.side / size)
        found = points.astype(np.float64)
        found[:, :2] = (found[:, :2] - size / 2) @ linear.T + (self.x, self.y)
        found[:, 2:] *= self.side / size
        return found.astype(np.float32)


def angle_between(left: Points, right: Points) -> float:
    """Return the angle of the line from left to right in radians, positive clockwise."""
    return math.atan2(float(right[1] - left[1]), float(right[0] - left[0]))


def _rotation(angle: float) -> NDArray[np.float64]:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
