"""Bodies made from one picture: what moves, what does not, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.body import Frame, Placement
from gala_renderer.avatars.portrait.portrait_body import Portrait
from gala_renderer.avatars.portrait.prepared import Prepared, load, prepare, save
from gala_renderer.avatars.portrait.rig import rig
from gala_renderer.avatars.portrait.weights import weights_of
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.yuv import full_resolution
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


@pytest.fixture(scope="module")
def grainy() -> tuple[NDArray[np.uint8], Prepared]:
    """Return a picture with the grain of a photo, and the portrait made of it."""
    picture, face, mask = plain_face()
    noise = np.random.default_rng(1).normal(0, 24, picture.shape[:2])
    grain = cv2.GaussianBlur(noise, (0, 0), 0.9)[..., None]
    noisy = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return noisy, prepare(noisy, face, mask)


def _sharpness(light: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian around the mouth."""
    x, y = map(round, MOUTH)
    part = light[y - 40 : y + 30, x - 28 : x + 28].astype(np.float32)
    return float(cv2.Laplacian(part, cv2.CV_32F).var())


@pytest.mark.parametrize("offset", [(0.0, 0.0), (-3.5, 2.25)])
def test_a_portrait_at_rest_is_as_sharp_as_its_picture(
    grainy: tuple[NDArray[np.uint8], Prepared], offset: tuple[float, float]
) -> None:
    picture, prepared = grainy
    placement, frame = Placement(1.0, *offset), new_frame(SIZE)
    body = Portrait(prepared)
    body.painter(SIZE, placement, body.own_background(SIZE, placement)).paint(Pose(), frame)
    matrix = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], float)
    moved = cv2.warpAffine(picture, matrix, SIZE, flags=cv2.INTER_LANCZOS4)
    expected = full_resolution(np.asarray(moved, np.uint8))[..., 0]
    assert _sharpness(frame.y) > 0.95 * _sharpness(expected)


@pytest.mark.parametrize("jaw", [0.05, 0.1, 0.15])
def test_lips_that_open_a_little_keep_their_surroundings_sharp(
    grainy: tuple[NDArray[np.uint8], Prepared], jaw: float
) -> None:
    picture, prepared = grainy
    opened = _drawn(prepared, Pose(shut=0, jaw=jaw))
    assert _sharpness(opened.y) > 0.9 * _sharpness(full_resolution(picture)[..., 0])


def test_strands_outside_of_the_mask_belong_to_the_person() -> None:
    picture, face, mask = plain_face()
    picture[119:122, 170:186] = SKIN  # like a strand of hair beside the cheek
    alpha = prepare(picture, face, mask).alpha
    assert alpha[120, 176:179].mean() > alpha[112, 176:179].mean() + 60


def test_a_person_whose_shoulders_go_on_beyond_the_picture_fades_out_at_its_sides() -> None:
    picture, face, mask = plain_face()
    mask[-60:] = 1
    portrait, (width, height) = Portrait(prepare(picture, face, mask)), SIZE
    row, middle = height - 30, width
    wide, whole = new_frame((2 * width, height), alpha=True), new_frame(SIZE, alpha=True)
    portrait.painter((2 * width, height), Placement(1.0, width / 2, 0.0), None).paint(Pose(), wide)
    portrait.painter(SIZE, WHOLE, None).paint(Pose(), whole)
    assert wide.alpha is not None
    assert whole.alpha is not None
    shown = wide.alpha[row].astype(int)
    left, right = width // 2, width // 2 + width
    assert shown[: left - 1].max() == shown[right + 1 :].max() == 0
    assert shown[middle] == 255
    inside = shown[left:middle]
    assert (np.diff(inside) >= 0).all()
    assert np.diff(inside).max() < 128
    # Where the frame ends with the picture, nothing fades.
    assert whole.alpha[row].min() == 255


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        pytest.param(((110, 105, 100), (105, 98, 95)), 1.0, id="hair over the lip"),
        pytest.param(((110, 105, 100), (170, 80, 80)), 0.0, id="lip below the hair"),
        pytest.param(((150, 119, 98), (119, 56, 56)), 0.0, id="shadow"),
    ],
)
def test_a_moustache_is_told_from_lips_and_shadow(
    colours: tuple[tuple[int, int, int], tuple[int, int, int]], expected: float
) -> None:
    picture, face, mask = plain_face()
    x, y = map(round, MOUTH)
    strip, lip = colours
    picture[y - 22 : y - 9, x - 26 : x + 26] = strip
    picture[y - 9 : y, x - 26 : x + 26] = lip
    assert prepare(picture, face, mask).moustache == pytest.approx(expected, abs=0.1)


def test_edges_that_a_falling_jaw_stretches_have_no_steps() -> None:
    picture, face, mask = plain_face()
    rows = np.arange(205, 261)
    picture[205:261, 84:156] = (20 + 4 * (rows - 205)).astype(np.uint8)[:, None, None]
    drawn = _drawn(prepare(picture, face, mask), Pose(shut=1, jaw=1)).y.astype(int)
    steps = np.diff(drawn[222:240, 118:122], axis=0)
    assert np.abs(np.diff(steps, axis=0)).mean() < 1  # blocks of pixels: 1 and 4 in turns


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


def test_the_same_poses_give_the_same_frames(prepared: Prepared) -> None:
    def drawn() -> list[bytes]:
        body, frame = Portrait(prepared), new_frame(SIZE)
        painter = body.painter(SIZE, WHOLE, body.own_background(SIZE, WHOLE))
        frames = []
        for at in range(6):
            painter.paint(Pose(shut=0, jaw=at / 6, yaw=at / 5, blink_left=at % 2), frame)
            frames.append(b"".join(plane.tobytes() for plane in planes(frame)))
        return frames

    assert drawn() == drawn()


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


@pytest.mark.parametrize(
    ("height", "reach", "expected"),
    [
        pytest.param(3, 0.3, 1.0, id="the bridge of glasses"),
        pytest.param(3, 0.04, 0.0, id="a furrow"),
        pytest.param(60, 0.3, 0.0, id="a shadow"),
    ],
)
def test_glasses_are_told_from_furrows_and_shadow(
    height: int, reach: float, expected: float
) -> None:
    picture, face, mask = plain_face()
    (left, y), (right, _) = EYES
    middle, half = round((left + right) / 2), round(reach * (right - left))
    top = round(y) - 4 - height // 2
    picture[top : top + height, middle - half : middle + half] = (60, 48, 44)
    assert prepare(picture, face, mask).glasses == pytest.approx(expected, abs=0.1)


def test_brows_behind_glasses_hardly_stretch_their_rims(prepared: Prepared) -> None:
    """The rim is near the brow: what it moves is what it is stretched."""
    moved = []
    for glasses in (0.0, 1.0):
        found = rig(replace(prepared, glasses=glasses), SIZE, WHOLE)
        weights = weights_of(Pose(brow_left=1, brow_right=1), 0.0)
        nodes = found.grid.nodes()
        moved.append(float(np.abs(found.maps(weights)[0] - nodes).max()))
    assert moved[0] > 2
    assert moved[1] < 0.4 * moved[0]
