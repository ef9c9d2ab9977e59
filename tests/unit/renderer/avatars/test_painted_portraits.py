"""Portraits that GALA paints itself."""

from __future__ import annotations

import numpy as np
import pytest

from gala_renderer.avatars.drawings.portrait.painting import portrait
from gala_renderer.avatars.drawings.portrait.sitter import Sitter
from tests.support.portraits import DRAWINGS, drawn

SIZE = (144, 180)


def test_the_same_sitter_gives_the_same_picture_at_any_size() -> None:
    picture = portrait(SIZE)
    assert picture.shape == (180, 144, 3)
    assert np.array_equal(picture, portrait(SIZE))
    assert not np.array_equal(picture, portrait(SIZE, Sitter(smile=1, seed=2)))


def test_light_falls_from_its_side() -> None:
    cheeks = slice(85, 105), slice(46, 60), slice(84, 98)
    for side, light in ((-1, (-0.8, -0.3)), (1, (0.8, -0.3))):
        picture = portrait(SIZE, Sitter(light=light)).astype(float)
        left, right = (picture[cheeks[0], columns].mean() for columns in cheeks[1:])
        assert (right - left) * side > 20


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_points_of_drawings_lie_inside(name: str) -> None:
    face = drawn(name)
    height, width = face.picture.shape[:2]
    assert all(0 <= x < width and 0 <= y < height for x, y in face.points.values())
