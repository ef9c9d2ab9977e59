"""Pictures that are moved and scaled by parts of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gala_renderer.timeline.drawing.warping import Pyramid

ROWS, COLUMNS = np.mgrid[:300, :400]
WAVES = (128 + 60 * np.sin(COLUMNS / 9) + 60 * np.cos(ROWS / 7)).astype(np.uint8)
SIZE = (350, 260)


@pytest.mark.parametrize("zoom", np.linspace(1.0, 1.15, 12))
def test_the_fast_way_to_scale_shows_what_the_usual_one_does(zoom: float) -> None:
    scale = SIZE[0] / 400 * zoom
    matrix = np.array(
        [[scale, 0, -(400 * scale - SIZE[0]) * 0.5], [0, scale, -(300 * scale - SIZE[1]) * 0.35]]
    )
    shift = matrix[:, :2] @ (0.5, 0.5) + matrix[:, 2] - 0.5
    usual = cv2.warpAffine(
        WAVES, np.column_stack([matrix[:, :2], shift]), SIZE, borderMode=cv2.BORDER_REPLICATE
    )
    shown = Pyramid(WAVES).warped(matrix, SIZE, edge=cv2.BORDER_REPLICATE)
    assert np.abs(shown.astype(int) - usual).max() <= 2


def test_a_picture_that_is_shown_small_is_not_jagged() -> None:
    stripes = np.zeros((200, 200), np.uint8)
    stripes[:, ::2] = 255
    small = Pyramid(stripes).warped(
        np.array([[0.25, 0, 0], [0, 0.25, 0]]), (50, 50), edge=cv2.BORDER_REPLICATE
    )
    assert np.abs(small.astype(int) - 127).max() <= 2
