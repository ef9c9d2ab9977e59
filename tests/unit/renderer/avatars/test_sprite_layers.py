"""Sprites that are transformed and blended look as if all of their pixels were."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.sprites.affine import Affine
from gala_renderer.avatars.sprites.sprite import Layer, Sprite
from gala_renderer.avatars.yuv import PixelBox, premultiplied

Picture = NDArray[np.uint8]
SIZE = (420, 400)
RING = ((210, 200), 150, (200, 90, 30, 255), 24)


def ring() -> Picture:
    """Return a thin ring with soft edges, and a speck far from it, premultiplied."""
    rgba = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    cv2.circle(rgba, *RING, lineType=cv2.LINE_AA)
    cv2.circle(rgba, (400, 380), 6, (20, 220, 90, 128), -1)
    return np.asarray(premultiplied(rgba), np.uint8)


def over(below: Picture, above: Picture) -> Picture:
    rest = 1 - above[..., 3:] / 255
    return np.asarray(np.round(above + below * rest), np.uint8)


@pytest.mark.parametrize(
    "transform", [Affine(), Affine.shift(13.4, -7.2), Affine.rotation(9, 200, 150).shifted(3, 0.5)]
)
def test_a_sprite_that_is_mostly_transparent_is_transformed_as_a_whole(transform: Affine) -> None:
    layer = Sprite(ring(), 0, 0).layer(transform, SIZE)
    assert layer is not None
    shown = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    layer.box.of(shown)[...] = layer.rgba
    whole = cv2.warpAffine(ring(), transform.matrix(), SIZE)
    assert np.abs(shown.astype(int) - whole).max() <= 1


@pytest.mark.parametrize("cut", [(0, 0, 420, 400), (60, 40, 230, 390), (0, 190, 420, 240)])
def test_a_part_of_a_layer_is_blended_as_the_whole_is(cut: tuple[int, int, int, int]) -> None:
    layer = Layer.of(PixelBox(0, 0, *SIZE), ring())
    box = PixelBox(*cut)
    below = np.full((SIZE[1], SIZE[0], 4), (10, 60, 120, 255), np.uint8)
    canvas = box.of(below).copy()
    layer.blend(box, canvas)
    expected = box.of(over(below, layer.rgba))
    assert np.abs(canvas.astype(int) - expected).max() <= 1
