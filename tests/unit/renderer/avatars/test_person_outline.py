"""The outline of a person, where a network is in doubt of it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.faces.mask import guided_filter
from gala_renderer.avatars.faces.refinement import refined
from gala_renderer.avatars.faces.views import probability
from gala_renderer.avatars.portrait.prepared import prepare
from tests.support.plain_face import plain_face

SIZE: Final = (300, 400)
DARK, CLOTH, VEIL = (24, 22, 30), (130, 90, 60), (200, 180, 110)
Field = NDArray[np.float32]
Picture = NDArray[np.uint8]


def _sitter() -> tuple[Picture, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return a picture of a person, where that is, and which part of it is the end of a veil."""
    width, height = SIZE
    picture = np.full((height, width, 3), DARK, np.uint8)
    cv2.ellipse(picture, ((150, 400), (200, 300), 0), CLOTH, -1)
    cv2.circle(picture, (150, 140), 60, VEIL, -1)
    end = np.zeros((height, width), np.uint8)
    cv2.rectangle(end, (195, 150), (235, 290), 1, -1)
    picture[end > 0] = VEIL
    noise = np.random.default_rng(5).integers(-3, 4, picture.shape)
    person = (picture != DARK).any(-1)
    return (picture + noise).astype(np.uint8), np.asarray(person), end > 0


def _said(person: NDArray[np.bool_], *doubts: tuple[NDArray[np.bool_], float]) -> Field:
    """Return what a network says that sees 256 pixels a side and has doubts."""
    said = person.astype(np.float32)
    for area, value in doubts:
        said[area] = value
    return np.asarray(cv2.GaussianBlur(said, (0, 0), 3), np.float32)


def _corner(columns: slice) -> NDArray[np.bool_]:
    area = np.zeros(SIZE[::-1], np.bool_)
    area[310:, columns] = True
    return area


def test_where_the_network_is_in_doubt_colours_tell_the_person_from_the_background() -> None:
    picture, person, end = _sitter()
    dark = _corner(slice(0, 60)) & ~person
    found = refined(picture, _said(person, (end & (np.arange(SIZE[0]) > 210), 0.4), (dark, 0.6)))
    assert found[end].mean() > 0.97
    assert found[dark].mean() < 0.03
    assert np.abs(found - person).mean() < 0.01


@pytest.mark.parametrize(("said", "expected"), [(0.7, 1.0), (0.3, 0.0)])
def test_of_a_colour_that_nothing_else_has_the_network_decides(
    said: float, expected: float
) -> None:
    picture, person, _ = _sitter()
    thing = np.zeros(person.shape, np.bool_)
    thing[200:300, 240:270] = True
    picture[thing] = (20, 180, 60)
    found = refined(picture, _said(person | thing, (thing, said)))
    assert found[thing].mean() == pytest.approx(expected, abs=0.1)


def test_an_outline_has_no_scraps_and_no_small_holes() -> None:
    picture, person, _ = _sitter()
    said = _said(person)
    said[20:37, 20:37], said[330:347, 150:167] = 1, 0
    found = (refined(picture, said) > 0.5).astype(np.uint8)
    assert cv2.connectedComponents(found)[0] == 2
    assert cv2.connectedComponents(1 - found)[0] == 2


def test_a_picture_of_one_colour_and_one_pixel_is_not_an_error() -> None:
    for height, width in ((1, 1), (1, 90), (90, 1)):
        shape = height, width
        for said in (0.0, 0.5, 1.0):
            found = refined(np.zeros((*shape, 3), np.uint8), np.full(shape, said, np.float32))
            assert found.shape == shape
            assert np.isfinite(found).all()


def test_where_the_picture_shows_no_edge_that_of_the_outline_stays_narrow() -> None:
    rng = np.random.default_rng(3)
    picture = np.clip(rng.normal(60, 3, (400, 300, 3)), 0, 255).astype(np.uint8)
    person = np.zeros((400, 300), np.float32)
    person[150:] = 1
    found = guided_filter(picture, np.asarray(cv2.GaussianBlur(person, (0, 0), 1), np.float32))
    assert np.abs(found - person)[[140, 145, 155, 160]].max() < 0.1


@pytest.mark.parametrize("away", [3, 5])
def test_scraps_beside_a_person_do_not_belong_to_it(away: int) -> None:
    picture, face, mask = plain_face()
    right = int(np.flatnonzero(mask[150])[-1])
    for row in range(100, 180, 12):
        mask[row : row + 2, right + away : right + away + 2] = 1
    alpha = prepare(picture, face, mask).alpha
    assert cv2.connectedComponents((alpha > 30).astype(np.uint8))[0] == 2


class _SeenOnce:
    """A network that sees a bright person in the whole picture, and doubts a wide part of it."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def run(self, pictures: Field) -> dict[str, Field]:
        shown = pictures[0].max(-1)
        self.pictures.append(np.rint(pictures[0] * 255).astype(np.uint8))
        said = np.where(shown > 0.5, 1.0, np.where(shown > 0.3, 0.4, 0.0))
        return {"out": np.asarray(said[None, ..., None], np.float32)}


@pytest.mark.parametrize(
    ("size", "person", "looks"),
    [
        pytest.param((400, 400), 220, 1, id="as it is"),
        pytest.param((400, 800), 110, 2, id="squeezed, in doubt"),
        pytest.param((400, 800), 220, 1, id="squeezed, but clear"),
    ],
)
def test_the_network_is_asked_again_where_it_may_see_more(
    size: tuple[int, int], person: int, looks: int
) -> None:
    picture = np.full((*size[::-1], 3), 60, np.uint8)
    picture[size[1] // 4 :, 100:300] = person
    network = _SeenOnce()
    found = probability(network, picture)  # type: ignore[arg-type]
    assert len(network.pictures) == looks
    assert max(found.shape) == 512 if max(size) > 512 else found.shape == size[::-1]


def test_the_network_sees_dark_pictures_lighter_as_well() -> None:
    picture = np.full((300, 300, 3), 12, np.uint8)
    picture[100:, 100:200] = 90
    network = _SeenOnce()
    probability(network, picture)  # type: ignore[arg-type]
    first, second = network.pictures
    assert second[200, 128].max() > first[200, 128].max() + 30
