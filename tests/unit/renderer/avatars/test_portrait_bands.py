"""Which parts of a frame are drawn again, and where a person is seen."""

from __future__ import annotations

import numpy as np

from gala_renderer.avatars.portrait.bands import Bands, stretched
from gala_renderer.avatars.portrait.detail import Detail
from gala_renderer.avatars.portrait.opacity import Opacity
from gala_renderer.avatars.portrait.warp import Grid

GRID = Grid(0, 0, 800, 600, 8)


def test_the_parts_of_bands_have_all_nodes_of_a_mask() -> None:
    mask = np.random.default_rng(1).random((GRID.rows, GRID.columns)) < 0.01
    covered = np.zeros_like(mask)
    for part in Bands(GRID).parts(mask):
        assert mask[part.slices].any()
        covered[part.slices] = True
    assert covered[mask].all()


def test_wide_gaps_are_not_drawn_and_narrow_ones_are_not_worth_two_parts() -> None:
    mask = np.zeros((GRID.rows, GRID.columns), np.bool_)
    mask[3, [10, 14, 80]] = True
    assert [(part.left, part.right) for part in Bands(GRID).parts(mask)] == [(10, 15), (80, 81)]


def test_a_person_is_opaque_inside_unseen_outside_and_neither_at_its_edge() -> None:
    free = np.full((200, 200), 255, np.uint8)
    free[:, 100:] = 0
    at = np.array([[[20, 100], [98, 100], [105, 100], [180, 100]]], np.float32)
    seen, opaque = Opacity(free, 10.0).at(at)
    assert seen.tolist() == [[False, True, True, True]]
    assert opaque.tolist() == [[False, False, False, True]]


def test_edges_are_drawn_again_after_smaller_movements_than_smooth_skin() -> None:
    light = np.repeat(np.linspace(100, 140, 400, dtype=np.uint8)[:, np.newaxis], 400, axis=1)
    light[:, 200:] //= 2
    at = np.array([[[60, 200], [198, 200], [212, 200], [340, 200]]], np.float32)
    still = Detail(light, np.zeros_like(light), 2, 20.0).still(at)[0]
    assert still[0] > 1
    assert still[3] > 1
    assert still[1] == still[2] < 0.3


def test_pictures_of_few_pixels_have_details() -> None:
    tiny = np.full((2, 2), 90, np.uint8)
    at = np.array([[[0, 0], [1, 5]]], np.float32)
    assert Detail(tiny, np.zeros_like(tiny), 2, 6.0).still(at).tolist() == [[1.5, 1.5]]


def test_the_outline_of_a_person_is_an_edge_whatever_its_colours() -> None:
    free = np.full((200, 200), 255, np.uint8)
    free[:, 100:] = 0
    at = np.array([[[20, 100], [100, 100], [180, 100]]], np.float32)
    still = Detail(np.full_like(free, 90), free, 1, 10.0).still(at)[0]
    assert still[0] == still[2] > 5 * still[1]


def test_nodes_on_both_sides_of_a_stretch_are_stretched() -> None:
    at = GRID.nodes()
    at[:, 50:, 0] += 3
    found = stretched(at, GRID.cell, 0.12)
    assert np.flatnonzero(np.any(found, axis=0)).tolist() == [49, 50]
