"""The mask of a person, with an edge that follows hair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.square import Picture
from gala_renderer.avatars.faces.tflite import Model

Mask = NDArray[np.float32]

_RADIUS: Final = 1 / 60
"""Radius of the guided filter, as a fraction of the picture's longer side."""
_SMOOTHNESS: Final = 1e-4
"""Variance of colours (0 to 1) below which an area counts as even."""
_SEEDS: Final = 4
"""Pixels of the border between those from which a background is searched."""
_STEP: Final = 3
"""The largest step of a channel between neighbours in an even background."""
_GAP: Final = 0.012
"""Half of the gap between lines that is closed, as a fraction of the picture's longer side."""
_INNER: Final = 0.8
_LEAK: Final = 0.05
"""The share of the inner part of a face that may be taken for background."""
_NOISE: Final = 6.0
"""Noise of this many standard deviations counts as even, or the edge would follow it."""
_NOISY: Final = 0.0065
"""Standard deviation of noise from which the mask is filtered by the median."""
_MEDIAN: Final = 7
_SHOWN: Final = (0.55, 0.85)
"""How much of an edge colours explain where they do not show it, and where they do: shares of the
mask's variance."""
_EVEN: Final = 1e-4
"""Variance of a mask below which it has no edge."""
_FAINT: Final = np.float32(0.1)
_WORKING_SIDE: Final = 1024
"""The filter's coefficients are computed at this size; they are smooth, its result is not."""


def person_mask(model: Model, picture: Picture) -> Mask:
    """Return where a person is, 0 to 1, shape [height, width]."""
    from gala_renderer.avatars.faces.refinement import refined  # noqa: PLC0415 - needs OpenCV
    from gala_renderer.avatars.faces.views import probability  # noqa: PLC0415 - needs OpenCV

    return guided_filter(picture, refined(picture, probability(model, picture)))


def drawing_mask(picture: Picture, outline: NDArray[np.float32]) -> Mask:
    """Return where the figure of a drawing is, 0 or 1 with soft edges, shape [height, width].

    It is what an even background, which begins at the sides or the top, does not reach.
    ``outline`` is that of the face in pixels, [n, 2]. Without such a background, the whole picture
    is the figure.
    """
    import cv2  # noqa: PLC0415 - heavy, and optional

    background = _reached(np.ascontiguousarray(cv2.medianBlur(picture, 3)))
    size = 2 * round(_GAP * max(background.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Lines that nearly meet enclose what is between them.
    closed = cv2.morphologyEx((~background).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    background = _reached(np.asarray(closed, np.uint8))
    face = np.zeros(background.shape, np.uint8)
    inner = outline.mean(0) + _INNER * (outline - outline.mean(0))
    cv2.fillPoly(face, [np.rint(inner).astype(np.int32)], 1)
    leaked = background[face > 0].mean() if face.any() else 1.0
    if leaked > _LEAK or background.mean() < _LEAK:
        return np.ones(background.shape, np.float32)
    return np.asarray(cv2.GaussianBlur(1 - background.astype(np.float32), (0, 0), 0.8), np.float32)


def _reached(picture: Picture) -> NDArray[np.bool_]:
    """Return what is reached from the top and the sides without a step."""
    import cv2  # noqa: PLC0415 - heavy, and optional

    height, width = picture.shape[:2]
    reached = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    border = [(x, 0) for x in range(0, width, _SEEDS)]
    border += [(x, y) for y in range(0, height * 3 // 4, _SEEDS) for x in (0, width - 1)]
    steps = (_STEP if picture.ndim == 3 else 0,) * 3
    for x, y in border:
        if not reached[y + 1, x + 1] and (picture.ndim == 3 or not picture[y, x]):
            cv2.floodFill(picture, reached, (x, y), 0, steps, steps, flags)
    return np.asarray(reached[1:-1, 1:-1] > 0)


def guided_filter(picture: Picture, rough: Mask) -> Mask:
    """Return a mask of the picture's size whose edges are those of the picture, 0 to 1.

    ``rough`` may be smaller. In each window, the mask is a linear function of the colour (He, Sun,
    Tang: "Guided Image Filtering", 2010, with the subsampling of their "Fast Guided Filter").
    """
    import cv2  # noqa: PLC0415 - heavy, and optional

    height, width = picture.shape[:2]
    shrunk = min(1.0, _WORKING_SIDE / max(height, width))
    size = max(round(width * shrunk), 1), max(round(height * shrunk), 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    mask = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_LINEAR), np.float32)
    colours = np.asarray(small, np.float32) / np.float32(255)
    noise = _noise(colours)
    even = max(_SMOOTHNESS, (_NOISE * noise) ** 2)
    slopes, offset, shown = _linear(colours, mask, even)
    found = np.asarray(cv2.resize(offset, (width, height)), np.float32)
    for plane, slope in zip(cv2.split(picture), slopes, strict=True):
        wide = np.asarray(cv2.resize(slope, (width, height)), np.float32)
        found += np.asarray(cv2.multiply(wide, plane, scale=1 / 255, dtype=cv2.CV_32F))
    firm = _firm(found)
    # Where the picture does not show the edge, the filter only blurs.
    given = np.asarray(cv2.resize(rough, (width, height)), np.float32)
    firm -= given
    firm *= cv2.resize(shown, (width, height))
    firm += given
    if noise < _NOISY:
        return firm
    # Where noise is as strong as the edge, the mask is ragged.
    even_mask = cv2.medianBlur(np.rint(firm * 255).astype(np.uint8), _MEDIAN)
    return np.asarray(even_mask, np.float32) / np.float32(255)


def _linear(colours: Mask, mask: Mask, even: float) -> tuple[list[Mask], Mask, Mask]:
    """Return slopes and offset of the mask by colour, and how far its edge is seen, 0 to 1."""
    guide = _Guide.of(colours, radius=max(round(_RADIUS * max(mask.shape)), 2), even=even)
    # The first pass finds the edge, the second one makes it as sharp as that of the picture.
    slopes, offset, _ = guide.coefficients(mask)
    sharper = _firm(offset + sum(map(np.multiply, slopes, guide.planes)))
    slopes, offset, explained = guide.coefficients(sharper)
    return slopes, offset, _shown(explained)


def _shown(explained: Mask) -> Mask:
    """Return how far the edge is one of the picture, 0 to 1, by what colours explain of it."""
    low, high = _SHOWN
    return np.asarray(np.clip((explained - low) / (high - low), 0, 1), np.float32)


def _firm(mask: Mask) -> Mask:
    """Return the mask without the faint traces that the filter leaves on both sides of an edge.

    It is changed in place.
    """
    mask -= _FAINT
    mask *= np.float32(1 / (1 - 2 * _FAINT))
    return np.asarray(np.clip(mask, 0, 1, out=mask), np.float32)


def _noise(colours: Mask) -> float:
    """Return the standard deviation of a picture's noise (Immerkær, 1996); colours are 0 to 1.

    The median instead of the mean leaves edges out.
    """
    import cv2  # noqa: PLC0415 - heavy, and optional

    grey = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.median(np.abs(cv2.filter2D(grey, -1, kernel)))) / (0.6745 * 6)


@dataclass(frozen=True, slots=True)
class _Guide:
    """What the guided filter needs of a picture, computed once for several masks."""

    planes: tuple[Mask, Mask, Mask]
    window: tuple[int, int]
    means: tuple[Mask, Mask, Mask]
    covariance: _Covariance

    @classmethod
    def of(cls, colours: Mask, *, radius: int, even: float) -> _Guide:
        """Return the guide for colours from 0 to 1, shape [height, width, 3].

        ``even`` is the variance of colours below which an area counts as even.
        """
        import cv2  # noqa: PLC0415 - heavy, and optional

        window = (2 * radius + 1, 2 * radius + 1)
        red, green, blue = (np.asarray(plane, np.float32) for plane in cv2.split(colours))
        planes = red, green, blue
        means = _mean(red, window), _mean(green, window), _mean(blue, window)
        pairs = {
            (row, column): _mean(planes[row] * planes[column], window)
            - means[row] * means[column]
            + np.float32(even if row == column else 0)
            for row in range(3)
            for column in range(row, 3)
        }
        return cls(planes, window, means, _Covariance.of(pairs))

    def coefficients(self, mask: Mask) -> tuple[list[Mask], Mask, Mask]:
        """Return the averages of the slopes of the channels and of the offset for a mask.

        The third one is the share of the mask's variance in each window that they explain.
        """
        mask_mean = _mean(mask, self.window)
        together = self._together(mask, mask_mean)
        slopes = self.covariance.solved(*together)
        offset = mask_mean - sum(map(np.multiply, slopes, self.means))
        variance = np.maximum(_mean(mask * mask, self.window) - mask_mean**2, _EVEN)
        explained = sum(map(np.multiply, slopes, together)) / variance
        averages = [_mean(slope, self.window) for slope in slopes]
        return averages, _mean(offset, self.window), np.asarray(explained, np.float32)

    def _together(self, mask: Mask, mask_mean: Mask) -> tuple[Mask, Mask, Mask]:
        """Return the covariances of the channels with a mask."""
        red, green, blue = (
            _mean(plane * mask, self.window) - mean * mask_mean
            for plane, mean in zip(self.planes, self.means, strict=True)
        )
        return red, green, blue


@dataclass(frozen=True, slots=True)
class _Covariance:
    """A symmetric, positive matrix of three by three in each pixel, by Cholesky's decomposition.

    It is some twenty times as fast as NumPy's solver of many small systems.
    """

    first: Mask
    second: Mask
    third: Mask
    second_share: Mask
    third_share: Mask
    mixed_share: Mask

    @classmethod
    def of(cls, upper: Mapping[tuple[int, int], Mask]) -> _Covariance:
        """Return the decomposition of the matrix with this upper half."""
        first = upper[0, 0]
        second_share, third_share = upper[0, 1] / first, upper[0, 2] / first
        second = upper[1, 1] - second_share * upper[0, 1]
        mixed = upper[1, 2] - second_share * upper[0, 2]
        share = mixed / second
        third = upper[2, 2] - third_share * upper[0, 2] - share * mixed
        return cls(
            first,
            second,
            np.asarray(third, np.float32),
            second_share,
            third_share,
            np.asarray(share, np.float32),
        )

    def solved(self, red: Mask, green: Mask, blue: Mask) -> tuple[Mask, Mask, Mask]:
        """Return the solution for a right side."""
        green = green - self.second_share * red
        blue = (blue - self.third_share * red - self.mixed_share * green) / self.third
        green = green / self.second - self.mixed_share * blue
        red = red / self.first - self.second_share * green - self.third_share * blue
        return red, green, blue


def _mean(data: Mask, window: tuple[int, int]) -> Mask:
    import cv2  # noqa: PLC0415 - heavy, and optional

    return np.asarray(cv2.blur(data, window), np.float32)
