"""Matrices that place pictures in frames. Without OpenCV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""Of shape [2, 3]; from pixels of a picture to pixels of a frame. A pixel is a square from its
number to the next one, so that its middle is at a half."""


def moved(matrix: Matrix, across: float, down: float) -> Matrix:
    """Return a matrix whose result is moved."""
    shifted = matrix.copy()
    shifted[:, 2] += (across, down)
    return shifted


def corners(matrix: Matrix, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a picture of ``size`` in the frame."""
    width, height = size
    points = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], float)
    found = points @ matrix.T
    left, top = found.min(axis=0)
    right, bottom = found.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
