"""Pages in HTML are drawn in the size of the frames, so that they need not be compressed again."""

from __future__ import annotations

import math

import pytest

from gala_renderer.timeline.drawing.html_program import layout


@pytest.mark.parametrize(
    ("page", "size"),
    [
        (1000, (1080, 1920)),
        (1000, (1920, 1080)),
        (1000, (1080, 1080)),
        (1000, (720, 1280)),
        (1000, (640, 270)),
        (1080, (1080, 1920)),
        (390, (1080, 1920)),
        (1920, (1920, 1080)),
    ],
)
def test_chromium_draws_as_many_pixels_as_the_frames_have(page: int, size: tuple[int, int]) -> None:
    scale, height = layout(page, *size)
    drawn = math.ceil(page * scale), math.ceil(height * scale)
    assert drawn[0] == size[0]
    assert size[1] <= drawn[1] <= size[1] + math.ceil(scale)
    assert height == pytest.approx(page * size[1] / size[0], abs=1)


def test_small_frames_are_drawn_larger() -> None:
    assert layout(1000, 160, 120) == (0.5, 750)
