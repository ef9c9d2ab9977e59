"""Faces without weights: crops, points given by hand, the seam of the lips, masks and angles."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala.errors import EngineMissing, InvalidRequest
from gala.render_types.params.presenters import FacePoint
from gala_renderer.avatars.faces import Face, FaceFinder, corrected, draw_landmarks, lip_seam
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.correction import GIVEN, REQUIRED, placed
from gala_renderer.avatars.faces.head import _UPRIGHT, head_angles
from gala_renderer.avatars.faces.mask import guided_filter
from gala_renderer.avatars.faces.square import Pyramid, Square

GIVEN_POINTS = {
    "left_eye": [80, 90],
    "right_eye": [120, 92],
    "mouth_left": [88, 130],
    "mouth_right": [114, 131],
}


def _floats(values: Any) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def _arc(count: int, x: float, y: float, half: float, height: float) -> NDArray[np.float32]:
    at = np.linspace(-1, 1, count)
    return _floats(np.column_stack([x + half * at, y + height * (1 - at**2)]))


def _oval_face() -> NDArray[np.float32]:
    """Return 478 points with those of eyes, lips and chin where a face has them, 200 by 260."""
    points = np.zeros((named.COUNT, 3), np.float32)
    turn = np.linspace(0, 2 * math.pi, named.COUNT)
    points[:, 0], points[:, 1] = 100 + 60 * np.sin(turn), 130 - 80 * np.cos(turn)
    points[named.FOREHEAD, :2], points[named.CHIN, :2] = (100, 50), (100, 210)
    for numbers, middle, side in (
        (named.LEFT_EYE_UPPER, 75, -6),
        (named.LEFT_EYE_LOWER, 75, 6),
        (named.RIGHT_EYE_UPPER, 125, -6),
        (named.RIGHT_EYE_LOWER, 125, 6),
    ):
        points[list(numbers), :2] = _arc(len(numbers), middle, 110, 14, side)
    for line, side in (
        (named.LIPS_OUTER_UPPER, -8),
        (named.LIPS_INNER_UPPER, 0),
        (named.LIPS_INNER_LOWER, 0),
        (named.LIPS_OUTER_LOWER, 9),
    ):
        points[list(line), :2] = _arc(len(line), 100, 170, 25, side)
    return points


def test_points_go_into_a_turned_crop_and_back() -> None:
    square = Square(60.0, 40.0, 50.0, 0.6)
    picture = np.zeros((100, 120, 3), np.uint8)
    cv2.circle(picture, (68, 44), 3, (255, 255, 255), -1)
    crop = square.cut(Pyramid(picture), 100)
    rows, columns = np.nonzero(crop[..., 0] > 128)
    centre = _floats([[columns.mean() + 0.5, rows.mean() + 0.5, 10]])
    np.testing.assert_allclose(square.mapped(centre, 100)[0], [68.5, 44.5, 5], atol=0.3)


def test_a_square_of_a_large_picture_shows_the_mean_of_its_pixels_in_their_places() -> None:
    rows, columns = np.mgrid[0:901, 0:1203]
    slope = (columns / 8 + rows / 16).astype(np.uint8)
    fine = ((rows + columns) % 2 * 60).astype(np.uint8)
    picture = np.dstack([slope, fine, fine])
    square = Square(611.0, 440.0, 600.0, 0.3)
    for size in (300, 100, 50, 20):
        crop = square.cut(Pyramid(picture), size)
        middles = np.stack(np.mgrid[2 : size - 2, 2 : size - 2][::-1], -1).reshape(-1, 2) + 0.5
        x, y = square.mapped(_floats(middles), size).T
        wanted = ((x - 0.5) / 8 + (y - 0.5) / 16).reshape(size - 4, -1)
        found = crop[2:-2, 2:-2].astype(np.float64)
        np.testing.assert_allclose(found[..., 0], wanted, atol=1.6)
        np.testing.assert_allclose(found[..., 1], 30, atol=32 if size == 300 else 8)


def test_a_square_around_points_holds_them_with_its_margin() -> None:
    turn = _floats([[math.cos(0.5), -math.sin(0.5)], [math.sin(0.5), math.cos(0.5)]])
    upright = _floats([[-2, -1], [2, -1], [2, 1], [-2, 1]])
    square = Square.around(upright @ turn.T + _floats([7, 8]), 0.5, 1.5)
    assert (square.x, square.y, square.side) == pytest.approx((7, 8, 6), abs=1e-4)


def test_given_points_lie_where_they_were_given() -> None:
    face = placed(_oval_face(), {**GIVEN_POINTS, "chin": [100, 170], "left_eye_top": [80, 78]})
    for name in ("mouth_left", "mouth_right", "chin"):
        found = face.contour(*GIVEN[name]).mean(0)
        wanted = {**GIVEN_POINTS, "chin": [100, 170]}[name]
        np.testing.assert_allclose(found, wanted, atol=0.6)
    assert face.contour(*GIVEN["left_eye_top"])[0, 1] == pytest.approx(78, abs=0.6)
    assert face.score == 1.0


def test_a_corrected_detail_moves_nothing_far_away() -> None:
    face = Face(_oval_face())
    moved = corrected(face, {"mouth_bottom": [100, 190]})
    assert moved.points[17, 1] == pytest.approx(190, abs=0.5)
    np.testing.assert_allclose(
        moved.contour(*named.LEFT_EYE_UPPER), face.contour(*named.LEFT_EYE_UPPER), atol=0.01
    )


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_point_is_named(name: str) -> None:
    given = {key: value for key, value in GIVEN_POINTS.items() if key != name}
    with pytest.raises(InvalidRequest, match=f"points: {name} is missing"):
        placed(_oval_face(), given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"left_ear": [1, 2]}, "unknown name 'left_ear'"),
        ({"chin": [1]}, r"points\.chin must be two numbers"),
        ({"chin": [math.nan, 2]}, r"points\.chin must be two numbers"),
        ({"chin": [1e300, 2]}, r"points\.chin must be two numbers"),
    ],
)
def test_points_that_are_none_are_refused(given: dict[str, list[float]], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        placed(_oval_face(), {**GIVEN_POINTS, **given})


def test_points_on_one_spot_are_no_face() -> None:
    with pytest.raises(InvalidRequest, match="smaller than 8 pixels"):
        placed(_oval_face(), {name: [50, 50] for name in GIVEN_POINTS})


def test_the_seam_follows_the_dark_line_between_the_lips() -> None:
    face = Face(_oval_face())
    picture = np.full((260, 200, 3), (200, 110, 110), np.uint8)
    x = np.linspace(72, 128, 57)
    line = np.stack([x, 172 + 2 * ((x - 100) / 25) ** 2 - 1], -1)
    cv2.polylines(picture, [np.round(line).astype(np.int32)], False, (60, 20, 20), 1)
    seam = lip_seam(picture, face)
    assert not seam.parted
    middle = seam.points[20:44]
    expected = 172 + 2 * ((middle[:, 0] - 100) / 25) ** 2 - 1 + 0.5
    np.testing.assert_allclose(middle[:, 1], expected, atol=0.8)
    assert np.all(np.diff(seam.points[:, 0]) > 0)


def test_parted_lips_are_said_to_be_parted() -> None:
    points = _oval_face()
    points[list(named.LIPS_INNER_LOWER[1:-1]), 1] += 6
    face = Face(points)
    assert face.mouth_open == pytest.approx(6 / 50, abs=0.02)
    assert lip_seam(np.zeros((260, 200, 3), np.uint8), face).parted


def test_a_face_at_the_edge_of_the_picture_has_a_seam() -> None:
    picture = np.zeros((40, 30, 3), np.uint8)
    assert lip_seam(picture, Face(_oval_face())).points.shape == (64, 2)


def test_the_mask_takes_the_edge_of_the_picture() -> None:
    picture = np.full((400, 480, 3), (30, 60, 120), np.uint8)
    cv2.circle(picture, (240, 220), 140, (210, 170, 150), -1)
    true = (picture[..., 0] > 100).astype(np.float32)
    rough = cv2.resize(true, (120, 100), interpolation=cv2.INTER_AREA)
    edge = cv2.Canny(picture, 50, 100) > 0
    before = np.abs(cv2.resize(rough, (480, 400)) - true)[edge].mean()
    found = guided_filter(picture, np.asarray(rough, np.float32))
    assert found.shape == (400, 480)
    assert found.dtype == np.float32
    assert np.abs(found - true)[edge].mean() < before / 2


@pytest.mark.parametrize(
    ("axis", "degrees", "expected"),
    [
        (1, 20, (-20, 0, 0)),  # about the vertical axis
        (0, 15, (0, 15, 0)),
        (2, 30, (0, 0, 30)),
    ],
)
def test_angles_are_those_that_a_head_was_turned_by(
    axis: int, degrees: float, expected: tuple[float, float, float]
) -> None:
    turn, _ = cv2.Rodrigues(np.eye(3)[axis] * math.radians(degrees))
    points = np.zeros((named.COUNT, 3), np.float32)
    upright = np.array(list(_UPRIGHT.values())) * (1, -1, -1)
    points[list(_UPRIGHT)] = upright @ turn.T * 9 + (300, 200, 0)
    found = head_angles(points)
    assert (found.yaw, found.pitch, found.roll) == pytest.approx(expected, abs=0.01)


def test_a_preview_shows_the_contours_and_leaves_the_picture_alone() -> None:
    picture = np.full((260, 200, 3), 128, np.uint8)
    mask = np.zeros((260, 200), np.float32)
    mask[20:240, 30:170] = 1
    shown = draw_landmarks(picture, Face(_oval_face()), mask)
    assert (picture == 128).all()
    assert (shown[170, 90:110] != 128).any()
    assert (shown[100, 28:33] != 128).any()


def test_missing_weights_are_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="face_detection_short_range") as raised:
        FaceFinder(tmp_path).find(np.zeros((50, 50, 3), np.uint8))
    assert raised.value.hint == "run `gala weights pull faces`"


def test_requests_may_give_exactly_the_points_that_faces_are_corrected_by() -> None:
    assert {point.value for point in FacePoint} == set(GIVEN)
