"""The colours that distinguish a moustache from a lip."""

from __future__ import annotations

import cv2
import numpy as np

from gala_renderer.avatars.portrait.moustache import lab


def test_colours_are_those_of_opencv() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    expected = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) - np.array([0.0, 128.0, 128.0])
    # OpenCV rounds to steps of 1, after tables of few entries.
    assert np.abs(lab(picture) - expected).max() < 3
