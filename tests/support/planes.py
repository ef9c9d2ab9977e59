"""Frames of painters for tests: empty ones, and what they look like."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame


def new_frame(size: tuple[int, int], *, alpha: bool = False) -> Frame:
    """Return a frame of ``size`` (width, height) with zeros in all planes."""
    width, height = size
    half = (height // 2, width // 2)
    return Frame(
        np.zeros((height, width), np.uint8),
        np.zeros(half, np.uint8),
        np.zeros(half, np.uint8),
        np.zeros((height, width), np.uint8) if alpha else None,
    )


def planes(frame: Frame) -> list[NDArray[np.uint8]]:
    """Return copies of the planes."""
    present = (frame.y, frame.u, frame.v, frame.alpha)
    return [plane.copy() for plane in present if plane is not None]


def rgb(frame: Frame) -> NDArray[np.uint8]:
    """Return what viewers see, by the inverse of BT.709 in limited range."""
    size = frame.y.shape[1], frame.y.shape[0]
    y = (frame.y.astype(float) - 16) / 219
    u, v = ((cv2.resize(plane, size).astype(float) - 128) / 224 for plane in (frame.u, frame.v))
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    picture = np.clip(np.dstack([red, green, blue]), 0, 1) * 255
    return np.asarray(picture.round(), np.uint8)
