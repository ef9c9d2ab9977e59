"""Frames that are planned, on another thread, while the ones before are drawn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from gala_renderer.avatars.body import Body, Placement
from gala_renderer.avatars.drawings.character import character
from gala_renderer.avatars.made_ahead import made_ahead
from gala_renderer.avatars.portrait.portrait_body import Portrait
from gala_renderer.avatars.portrait.prepared import prepare
from gala_renderer.avatars.pose import Pose
from tests.support.plain_face import SIZE, plain_face
from tests.support.planes import new_frame, planes

POSES = [
    Pose(),
    Pose(shut=0, jaw=0.8, blink_left=0.5),
    Pose(shut=0, jaw=0.4, yaw=3, blink_left=1, blink_right=1),
    Pose(gaze_x=0.5, sway_x=0.03),
    Pose(shut=0, jaw=0.6, round=1, yaw=-3),
]


def _portrait() -> tuple[Body, Placement]:
    return Portrait(prepare(*plain_face())), Placement(1.0, 0.0, 0.0)


def _character() -> tuple[Body, Placement]:
    return character(), Placement(0.25, 0.0, 0.0)


@pytest.mark.parametrize("subject", [_portrait, _character])
def test_plans_made_ahead_draw_what_poses_drawn_one_by_one_show(subject) -> None:
    body, placement = subject()
    background = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    alone, ahead = (body.painter(SIZE, placement, background) for _ in range(2))
    frame, other = new_frame(SIZE), new_frame(SIZE)
    plans = [ahead.plan(pose, other) for pose in POSES]
    assert not planes(other)[0].any()  # planning draws nothing
    for pose, redraw in zip(POSES, plans, strict=True):
        alone.paint(pose, frame)
        redraw()
        assert all(np.array_equal(*pair) for pair in zip(planes(frame), planes(other), strict=True))


def test_items_are_made_ahead_on_another_thread_and_come_in_their_order() -> None:
    made: list[int] = []
    third = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if len(made) == 3:
                third.set()
            yield number

    ahead = made_ahead(items(), 2)
    assert next(ahead) == 0
    assert third.wait(10)
    assert list(ahead) == list(range(1, 10))


def test_an_error_of_making_an_item_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    ahead = made_ahead(items(), 2)
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="the second"):
        next(ahead)


def test_items_that_nobody_wants_any_more_are_not_made() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    ahead = made_ahead(items(), 2)
    next(ahead)
    ahead.close()
    assert len(made) <= 4
    assert not any(one.name.startswith("ahead") for one in threading.enumerate())
