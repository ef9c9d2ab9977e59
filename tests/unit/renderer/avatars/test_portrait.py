"""Bodies made from one picture: what moves, what does not, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.portrait.portrait_body import Portrait
from gala_renderer.avatars.portrait.prepared import Prepared, load, prepare, save
from gala_renderer.avatars.portrait.rig import rig
from gala_renderer.avatars.portrait.weights import weights_of
from gala_renderer.avatars.pose import Pose
from tests.support.plain_face import BACKGROUND, EYES, IRIS, MOUTH, SIZE, SKIN, plain_face
from tests.support.planes import new_frame, planes, rgb

WHOLE = Placement(1.0, 0.0, 0.0)
OPEN = Pose(shut=0, jaw=0.8)
EXTREMES = (
    Pose(shut=0, jaw=1, round=1),
    Pose(shut=0, jaw=1, spread=1, smile=1),
    Pose(shut=0, lip_to_teeth=1, press=1),
    Pose(yaw=8, pitch=8, roll=8, brow_left=1, brow_right=-1),
    Pose(yaw=-8, pitch=-8, roll=-8, sway_x=0.05, sway_y=0.03, breath=1),
)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(*plain_face())


def _drawn(prepared: Prepared, pose: Pose) -> Frame:
    body, frame = Portrait(prepared), new_frame(SIZE)
    body.painter(SIZE, WHOLE, body.own_background(SIZE, WHOLE)).paint(pose, frame)
    return frame


def _near(frame: Frame, at: tuple[float, float]) -> NDArray[np.float64]:
    """Return the mean colour of a few pixels."""
    x, y = round(at[0]), round(at[1])
    return np.asarray(rgb(frame)[y - 2 : y + 3, x - 2 : x + 3].mean((0, 1)))


def test_a_portrait_at_rest_is_its_picture(prepared: Prepared) -> None:
    picture, _, _ = plain_face()
    # Chroma has half the resolution, so that single pixels of edges differ.
    difference = np.abs(rgb(_drawn(prepared, Pose())).astype(int) - picture)
    assert np.percentile(difference, 97) <= 6


def test_nothing_moves_outside_of_the_head_when_it_speaks(prepared: Prepared) -> None:
    rest, speaking = _drawn(prepared, Pose()), _drawn(prepared, OPEN)
    changed = np.argwhere(rest.y != speaking.y)
    assert len(changed)
    (top, left), (bottom, right) = changed.min(0), changed.max(0)
    assert top > EYES[0][1] + 5
    assert bottom < 290
    assert MOUTH[0] - 70 < left
    assert right < MOUTH[0] + 70


def test_an_open_mouth_shows_its_dark_inside_and_shut_lips_do_not(prepared: Prepared) -> None:
    inside = (MOUTH[0], MOUTH[1] + 9)
    assert _near(_drawn(prepared, OPEN), inside).max() < 110
    shut = _near(_drawn(prepared, replace(OPEN, shut=1)), inside)
    assert shut.max() > 140


def test_the_mouth_opens_as_far_as_the_jaw(prepared: Prepared) -> None:
    jaws = (0.0, 0.3, 0.6, 1.0)
    heights = []
    for jaw in jaws:
        column = rgb(_drawn(prepared, Pose(shut=0, jaw=jaw)))[:, round(MOUTH[0])].max(-1)
        heights.append(int((column[190:250] < 130).sum()))
    assert np.corrcoef(jaws, heights)[0, 1] > 0.95


def test_a_blink_covers_the_eye_with_skin(prepared: Prepared) -> None:
    closed = _drawn(prepared, Pose(blink_left=1))
    assert np.abs(_near(closed, EYES[0]) - SKIN).max() < 45
    assert np.abs(_near(closed, EYES[1]) - IRIS).max() < 30


def test_a_gaze_moves_the_iris_within_the_eye(prepared: Prepared) -> None:
    left = (EYES[0][0] - 7, EYES[0][1])
    before = _near(_drawn(prepared, Pose()), left).mean()
    assert _near(_drawn(prepared, Pose(gaze_x=-1)), left).mean() < before - 30
    assert _near(_drawn(prepared, Pose(gaze_x=1)), left).mean() > before


def test_a_turned_head_moves_its_middle_and_not_the_background(prepared: Prepared) -> None:
    rest, turned = _drawn(prepared, Pose()), _drawn(prepared, Pose(yaw=6))
    middle = round(EYES[0][1])
    before, after = (
        np.flatnonzero(rgb(one)[middle, 80:110].max(-1) < 90) for one in (rest, turned)
    )
    assert after.mean() > before.mean() + 3
    assert np.array_equal(rest.y[:40], turned.y[:40])
    assert np.abs(_near(turned, (20.0, 60.0)) - BACKGROUND).max() < 6


@pytest.mark.parametrize("pose", EXTREMES)
def test_fields_do_not_fold_in_extreme_poses(prepared: Prepared, pose: Pose) -> None:
    placed = rig(prepared, SIZE, WHOLE)
    weights = weights_of(pose, placed.mouth.gap / placed.mouth.width)
    base, _ = placed.maps(weights)
    down, across = np.gradient(base, axis=0), np.gradient(base, axis=1)
    area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    at = np.clip(np.rint(base).astype(int), 0, np.array(SIZE) - 1)
    seen = prepared.alpha[at[..., 1], at[..., 0]] > 0
    if weights.opened:  # the lips hide what lies between them, where the map goes to the other lip
        reach = placed.mouth.width * np.array([0.6, 0.75])
        seen &= ~(np.abs(placed.grid.nodes() - placed.mouth.centre) < reach).all(-1)
    assert area[seen].min() > 0


def test_the_frame_before_does_not_matter(prepared: Prepared) -> None:
    body, frame = Portrait(prepared), new_frame(SIZE)
    painter = body.painter(SIZE, WHOLE, np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
    last = Pose(jaw=0.3, shut=0, yaw=3, blink_left=0.5, gaze_x=0.5)
    for pose in (OPEN, Pose(blink_left=1, sway_x=0.03, breath=1), Pose(yaw=-5), last):
        painter.paint(pose, frame)
    alone = new_frame(SIZE)
    painter.paint(last, alone)
    for kept, new in zip(planes(frame), planes(alone), strict=True):
        # What moves by less than an eighth of a pixel may stay as it is.
        difference = np.abs(kept.astype(int) - new)
        assert difference.mean() < 0.2
        assert difference.max() <= 255 / 8


def test_without_a_background_the_edge_has_the_colours_of_the_person(prepared: Prepared) -> None:
    frame = new_frame(SIZE, alpha=True)
    Portrait(prepared).painter(SIZE, WHOLE, None).paint(Pose(yaw=2), frame)
    assert frame.alpha is not None
    assert frame.alpha[10, 10] == 0
    assert frame.alpha[round(MOUTH[1]), round(MOUTH[0])] == 255
    edge = rgb(frame)[(frame.alpha > 40) & (frame.alpha < 200)].astype(int)
    assert len(edge)
    assert np.median(edge[:, 0] - edge[:, 1]) > 20  # skin; the background is green


def test_a_saved_portrait_draws_the_same(prepared: Prepared, tmp_path: Path) -> None:
    save(prepared, tmp_path)
    again, before = _drawn(load(tmp_path), OPEN), _drawn(prepared, OPEN)
    assert all(np.array_equal(*pair) for pair in zip(planes(again), planes(before), strict=True))


@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_a_portrait_may_be_cut_by_the_frame(prepared: Prepared, scale: float) -> None:
    body, frame = Portrait(prepared), new_frame((160, 120))
    placement = Placement(scale, -70 * scale, 60 - 200 * scale)
    background = body.own_background((160, 120), placement)
    body.painter((160, 120), placement, background).paint(OPEN, frame)
    assert frame.y.std() > 0
