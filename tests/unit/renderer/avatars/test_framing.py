"""Where presenters stand in a frame, and how they share it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gala.presenter_looks import Framing
from gala_renderer.avatars.body import Box, Painter, Placement, usual_head_top
from gala_renderer.avatars.framing import place
from gala_renderer.avatars.layout import captions_height, regions

FRAMES = [(1080, 1920), (1920, 1080), (1080, 1080), (64, 64)]


@dataclass(frozen=True)
class _Body:
    size: tuple[int, int]
    face: Box
    must_cover: bool = False

    @property
    def head_top(self) -> float:
        return usual_head_top(self.face)

    def own_background(self, size: tuple[int, int], placement: Placement) -> None: ...

    def painter(self, size: tuple[int, int], placement: Placement, background: object) -> Painter:
        raise NotImplementedError


PHOTO = _Body((800, 1000), Box(300, 200, 500, 460))
CLOSE_UP = _Body((600, 700), Box(150, 160, 450, 560))
LANDSCAPE = _Body((1600, 700), Box(1300, 100, 1450, 300))


@pytest.mark.parametrize("body", [PHOTO, CLOSE_UP, LANDSCAPE])
@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("size", FRAMES)
def test_a_video_covers_the_frame(size: tuple[int, int], framing: Framing, body: _Body) -> None:
    _assert_covers(size, replace(body, must_cover=True), framing)


@pytest.mark.parametrize("body", [PHOTO, LANDSCAPE])
@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("size", [(1080, 1920), (1080, 1080), (64, 64)])
def test_a_picture_whose_head_fits_into_the_frame_covers_it_with_its_background(
    size: tuple[int, int], framing: Framing, body: _Body
) -> None:
    _assert_covers(size, body, framing)


def _assert_covers(size: tuple[int, int], body: _Body, framing: Framing) -> None:
    found = place(body, size, framing, cut_out=False)
    assert found.x <= 0
    assert found.y <= 0
    assert found.x + found.scale * body.size[0] >= size[0] - 1e-6
    assert found.y + found.scale * body.size[1] >= size[1] - 1e-6


@pytest.mark.parametrize("framing", list(Framing))
def test_a_close_up_in_a_wide_frame_is_as_large_with_its_background_as_without(
    framing: Framing,
) -> None:
    kept, cut_out = (place(CLOSE_UP, (1920, 1080), framing, cut_out=each) for each in (False, True))
    assert kept.scale == cut_out.scale
    assert kept.y <= 0


@pytest.mark.parametrize("framing", list(Framing))
def test_a_face_that_is_wider_than_an_upright_frame_is_seen_whole(framing: Framing) -> None:
    found = place(CLOSE_UP, (400, 1000), framing, cut_out=False)
    left, right = (found.x + found.scale * x for x in (CLOSE_UP.face.left, CLOSE_UP.face.right))
    assert 0 < left < right < 400
    assert found.y + found.scale * CLOSE_UP.size[1] == pytest.approx(1000)


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("size", FRAMES)
def test_a_person_that_was_cut_out_never_floats_above_the_lower_edge(
    size: tuple[int, int], framing: Framing
) -> None:
    found = place(PHOTO, size, framing, cut_out=True)
    assert found.y + found.scale * PHOTO.size[1] >= size[1] - 1e-6


@pytest.mark.parametrize("framing", [Framing.BUST, Framing.FACE])
@pytest.mark.parametrize("size", FRAMES)
def test_the_whole_face_is_in_the_frame_and_in_its_middle(
    size: tuple[int, int], framing: Framing
) -> None:
    found = place(PHOTO, size, framing, cut_out=True)
    face = PHOTO.face
    left, right = (found.x + found.scale * x for x in (face.left, face.right))
    top, bottom = (found.y + found.scale * y for y in (face.top, face.bottom))
    assert 0 <= top < bottom <= size[1]
    assert (left + right) / 2 == pytest.approx(size[0] / 2, abs=0.12 * size[0])


@pytest.mark.parametrize("body", [PHOTO, CLOSE_UP, LANDSCAPE])
@pytest.mark.parametrize("size", FRAMES)
@pytest.mark.parametrize("cut_out", [True, False])
def test_a_closer_framing_never_shows_a_smaller_face(
    size: tuple[int, int],
    body: _Body,
    cut_out: bool,
) -> None:
    scales = [place(body, size, one, cut_out=cut_out).scale for one in Framing]
    assert scales == sorted(scales)


@pytest.mark.parametrize("body", [PHOTO, CLOSE_UP])
@pytest.mark.parametrize("size", FRAMES)
def test_the_full_framing_of_a_person_that_was_cut_out_shows_the_whole_height_of_the_picture(
    size: tuple[int, int], body: _Body
) -> None:
    found = place(body, size, Framing.FULL, cut_out=True)
    assert found.y >= -1e-6
    assert found.y + found.scale * body.size[1] == pytest.approx(size[1])


@pytest.mark.parametrize("framing", list(Framing))
def test_a_large_face_in_a_wide_frame_is_not_cut_off_above(framing: Framing) -> None:
    found = place(CLOSE_UP, (1080, 900), framing, cut_out=False)
    top, bottom = (found.y + found.scale * y for y in (CLOSE_UP.face.top, CLOSE_UP.face.bottom))
    assert bottom <= 900 - 0.1 * (bottom - top)
    assert top >= 0.05 * 900


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [*FRAMES, (1082, 1922), (70, 130)])
def test_regions_fill_the_frame_without_overlap_and_with_even_bounds(
    size: tuple[int, int], count: int
) -> None:
    seen = np.zeros((size[1], size[0]), int)
    found = regions(size, count)
    for x, y, width, height in found:
        assert not any(number % 2 for number in (x, y, width, height))
        seen[y : y + height, x : x + width] += 1
    assert len(found) == count
    assert (seen == 1).all()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_captions_of_presenters_above_one_another_are_at_a_chest(count: int) -> None:
    size = (360, 640)
    found = captions_height(size, count)
    assert found is not None
    inside = [(found * size[1] - top) / height for _, top, _, height in regions(size, count)]
    assert any(0.8 < one < 1 for one in inside)
    assert captions_height((640, 360), min(count, 3)) is None
