"""How cut-out people end where their picture does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.portrait.ending import Ends, ended
from gala_renderer.avatars.portrait.portrait_body import Portrait
from gala_renderer.avatars.portrait.prepared import prepare
from gala_renderer.avatars.pose import Pose
from tests.support.plain_face import SIZE, plain_face
from tests.support.planes import new_frame

WIDTH, HEIGHT = 400, 500
ALL = Ends(left=True, right=True, top=True)


def _opacity(rows: slice, columns: slice) -> NDArray[np.uint8]:
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    found[rows, columns] = 255
    return found


def test_edges_of_the_picture_that_lie_within_the_frame_are_ends() -> None:
    assert Ends.of(Placement(1.0, 10.0, 5.0), (100, 100), (50, 95)) == Ends(True, True, True)
    assert Ends.of(Placement(2.0, 0.0, 0.0), (100, 100), (50, 95)) == Ends(False, False, False)


def test_shoulders_that_go_on_beyond_the_sides_end_in_round_corners() -> None:
    shown = ended(_opacity(slice(300, None), slice(None)), ALL, WIDTH, 1)
    for column in (32, WIDTH - 33):
        assert shown[303, column] < shown[370, column]
        assert shown[370, column] > 230
    # They fade out softly.
    assert 80 < shown[450, 18] < 200
    # Nothing is rounded in the middle and at the bottom, where the frame ends.
    assert shown[301:, WIDTH // 2].min() == 255
    assert shown[-1, 40] == shown[430, 40] > 230


def test_hair_that_goes_on_beyond_the_top_ends_in_round_corners() -> None:
    shown = ended(_opacity(slice(0, 400), slice(130, 270)), ALL, WIDTH, 1)
    assert shown[8, 200] > 230
    assert shown[8, 131] < 60
    assert shown[8, 268] < 60
    assert (shown[60:399, 131:269] == 255).all()


def test_a_strand_that_touches_no_end_stays_as_it_is() -> None:
    opacity = _opacity(slice(200, 203), slice(6, 300))
    opacity[300:, 150:250] = 255
    np.testing.assert_array_equal(ended(opacity, ALL, WIDTH, 1), opacity)


@pytest.mark.parametrize("finer", [1, 2])
def test_without_ends_the_opacity_stays_as_it_is(finer: int) -> None:
    opacity = _opacity(slice(300, None), slice(None))
    no_ends = Ends(left=False, right=False, top=False)
    np.testing.assert_array_equal(ended(opacity, no_ends, WIDTH, finer), opacity)


def test_nothing_of_a_person_is_seen_beyond_the_picture_before_a_backdrop() -> None:
    picture, face, mask = plain_face()
    picture[-60:] = 255
    mask[-60:] = 1
    size = 2 * SIZE[0], SIZE[1]
    backdrop = np.full((size[1], size[0], 3), 40, np.uint8)
    frame = new_frame(size)
    placement = Placement(1.0, SIZE[0] / 2, 0.0)
    Portrait(prepare(picture, face, mask)).painter(size, placement, backdrop).paint(Pose(), frame)
    row, first, end = SIZE[1] - 30, SIZE[0] // 2, SIZE[0] // 2 + SIZE[0]
    for plane, step in ((frame.y, 1), (frame.u, 2), (frame.v, 2)):
        beyond = np.r_[plane[row // step, : first // step], plane[row // step, end // step :]]
        assert np.ptp(beyond) == 0
    assert frame.y[row, SIZE[0]] > 200
