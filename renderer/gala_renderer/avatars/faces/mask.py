"""The mask of a person, with an edge that follows hair."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces.square import Picture
from gala_renderer.avatars.faces.tflite import Model

Mask = NDArray[np.float32]

_SIZE: Final = 256
_RADIUS: Final = 1 / 60
"""Radius of the guided filter, as a fraction of the picture's longer side."""
_SMOOTHNESS: Final = 1e-4
"""Variance of colours (0 to 1) below which an area counts as even."""
_FAINT: Final = np.float32(0.1)
_WORKING_SIDE: Final = 1024
"""The filter's coefficients are computed at this size; they are smooth, its result is not."""


def person_mask(model: Model, picture: Picture) -> Mask:
    """Return where a person is, 0 to 1, shape [height, width]."""
    import cv2  # noqa: PLC0415 - heavy, and optional

    small = cv2.resize(picture, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)
    outputs = model.run(np.asarray(small[None], np.float32) / 255)
    rough = next(iter(outputs.values()))[0, ..., 0]
    return guided_filter(picture, rough)


def guided_filter(picture: Picture, rough: Mask) -> Mask:
    """Return a mask of the picture's size whose edges are those of the picture, 0 to 1.

    ``rough`` may be smaller. In each window, the mask is a linear function of the colour (He, Sun,
    Tang: "Guided Image Filtering", 2010, with the subsampling of their "Fast Guided Filter").
    """
    import cv2  # noqa: PLC0415 - heavy, and optional

    height, width = picture.shape[:2]
    shrunk = min(1.0, _WORKING_SIDE / max(height, width))
    size = max(round(width * shrunk), 1), max(round(height * shrunk), 1)
    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    mask = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_LINEAR), np.float32)
    radius = max(round(_RADIUS * max(size)), 2)
    colours = np.asarray(guide, np.float32) / np.float32(255)
    # The first pass finds the edge, the second one makes it as sharp as that of the picture.
    slopes, offset = _coefficients(colours, mask, radius)
    sharper = offset + sum(slope * colours[..., channel] for channel, slope in enumerate(slopes))
    slopes, offset = _coefficients(colours, _firm(sharper), radius)
    found = np.asarray(cv2.resize(offset, (width, height)), np.float32)
    for channel in range(3):
        slope = np.asarray(cv2.resize(slopes[channel], (width, height)), np.float32)
        found += slope * (picture[..., channel] * np.float32(1 / 255))
    return _firm(found)


def _firm(mask: Mask) -> Mask:
    """Return the mask without the faint traces that the filter leaves on both sides of an edge."""
    return np.asarray(np.clip((mask - _FAINT) / (1 - 2 * _FAINT), 0, 1), np.float32)


def _coefficients(guide: Mask, mask: Mask, radius: int) -> tuple[list[Mask], Mask]:
    """Return the slopes of the three channels and the offset of the linear function, averaged."""
    import cv2  # noqa: PLC0415 - heavy, and optional

    window = (2 * radius + 1, 2 * radius + 1)

    def mean(data: Mask) -> Mask:
        return np.asarray(cv2.blur(data, window), np.float32)

    guide_mean, mask_mean = mean(guide), mean(mask)
    together = mean(guide * mask[..., None]) - guide_mean * mask_mean[..., None]
    rows, columns = np.triu_indices(3)
    products = [
        mean(guide[..., row] * guide[..., column]) - guide_mean[..., row] * guide_mean[..., column]
        for row, column in zip(rows, columns, strict=True)
    ]
    variance = np.empty((*mask.shape, 3, 3), np.float32)
    for row, column, product in zip(rows, columns, products, strict=True):
        variance[..., row, column] = variance[..., column, row] = product
    variance += _SMOOTHNESS * np.eye(3, dtype=np.float32)
    slopes = np.linalg.solve(variance, together[..., None])[..., 0].astype(np.float32)
    offset = mask_mean - (slopes * guide_mean).sum(-1)
    return [mean(slopes[..., channel]) for channel in range(3)], mean(offset)
