"""Faces in pictures, found by the published weights."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gala.presenter_looks import CHARACTERS, Beard, CharacterOptions, Glasses
from gala_renderer.avatars import preparation_program
from gala_renderer.avatars.body import Placement
from gala_renderer.avatars.drawings.character import character
from gala_renderer.avatars.faces import Face, FaceFinder, lip_seam
from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.portrait.prepared import prepare
from gala_renderer.avatars.pose import Pose
from gala_renderer.avatars.preparation_job import PortraitJob, PreparationJob
from gala_renderer.program_jobs import job_text
from tests.support import portraits
from tests.support.planes import new_frame, rgb
from tests.support.real_weights import PULL_SECONDS, PulledWeights

# The paintings are next to the checkout, not in it.
PAINTINGS = Path(__file__).parents[4] / "shared" / "faces"
KNOWN = PAINTINGS / "landmarks.json"
with_paintings = pytest.mark.skipif(
    not KNOWN.exists(), reason=f"the paintings are not at hand ({KNOWN})"
)
pytestmark = pytest.mark.timeout(PULL_SECONDS)

Picture = NDArray[np.uint8]
Change = Callable[[Picture], Picture]


@pytest.fixture(scope="module")
def finder(real_weights: PulledWeights) -> FaceFinder:
    return FaceFinder.installed(real_weights("faces"))


@pytest.fixture(scope="module")
def drawn() -> Picture:
    return _drawn(CharacterOptions())


def _drawn(options: CharacterOptions, pose: Pose | None = None) -> Picture:
    frame = new_frame((420, 560))
    background = np.full((560, 420, 3), (120, 140, 160), np.uint8)
    body = character(options)
    scale = 420 / body.size[0]
    body.painter((420, 560), Placement(scale, 0, 0), background).paint(pose or Pose(), frame)
    return np.ascontiguousarray(rgb(frame), np.uint8)


def _painting(name: str) -> Picture:
    return np.asarray(Image.open(PAINTINGS / name).convert("RGB"))


def _distances(face: Face, expected: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return how far each point is from where it should be, in heights of the face."""
    return np.asarray(np.linalg.norm(face.points[:, :2] - expected, axis=1) / face.height)


def _warped(picture: Picture, matrix: NDArray[np.floating[Any]], size: tuple[int, int]) -> Picture:
    grey = (110, 110, 110)
    found = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_AREA, borderValue=grey)
    return np.asarray(found, np.uint8)


@with_paintings
@pytest.mark.parametrize(
    "name", ["mona-lisa.png", "pearl-earring.jpg", "rembrandt-wtenbogaert.jpg"]
)
def test_the_points_of_paintings_are_those_of_the_reference(finder: FaceFinder, name: str) -> None:
    known = json.loads(KNOWN.read_text())[name]
    (face,) = finder.find(_painting(name))
    assert face.score > 0.9
    assert _distances(face, np.array(known["points"])).max() < 0.02


@with_paintings
def test_parted_lips_and_three_quarter_views_are_measured(finder: FaceFinder) -> None:
    picture = _painting("pearl-earring.jpg")
    (face,) = finder.find(picture)
    assert lip_seam(picture, face).parted
    assert -50 < face.angles.yaw < -25
    picture = _painting("rembrandt-wtenbogaert.jpg")
    (bearded,) = finder.find(picture)
    assert not lip_seam(picture, bearded).parted
    assert abs(bearded.angles.yaw) < 20


@pytest.mark.parametrize("degrees", [-35, 20, 45])
def test_points_follow_a_tilted_head(finder: FaceFinder, drawn: Picture, degrees: int) -> None:
    (face,) = finder.find(drawn)
    height, width = drawn.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.8), np.float64)
    (turned,) = finder.find(_warped(drawn, matrix, (width, height)))
    expected = face.points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert _distances(turned, expected).mean() < 0.02
    assert turned.angles.roll == pytest.approx(face.angles.roll - degrees, abs=5)


@pytest.mark.parametrize(
    ("change", "points_of"),
    [
        pytest.param(lambda it: it // 5, lambda it: it, id="dark"),
        pytest.param(
            lambda it: it[:, ::-1].copy(), lambda it: (420, 0) + it * (-1, 1), id="mirror"
        ),
        pytest.param(lambda it: cv2.resize(it, (126, 168)), lambda it: it * 0.3, id="small"),
        pytest.param(lambda it: cv2.resize(it, (1680, 2240)), lambda it: it * 4, id="large"),
    ],
)
def test_points_follow_changes_of_the_picture(
    finder: FaceFinder, drawn: Picture, change: Change, points_of: Callable[..., Picture]
) -> None:
    (face,), (changed,) = finder.find(drawn), finder.find(np.asarray(change(drawn), np.uint8))
    # Points of the middle, which are the same in the mirror.
    middle = (named.FOREHEAD, *named.NOSE_BRIDGE, named.NOSE_TIP, 0, 13, 14, 17, named.CHIN)
    expected, found = points_of(face.contour(*middle)), changed.contour(*middle)
    assert np.hypot(*(found - expected).T).max() / changed.height < 0.03


def test_faces_of_many_looks_are_found_in_their_place(finder: FaceFinder) -> None:
    looks = [*CHARACTERS.values(), CharacterOptions(beard=Beard.FULL, glasses=Glasses.ROUND)]
    for options in looks:
        (face,) = finder.find(_drawn(options))
        true = character(options).face
        scale = 420 / character(options).size[0]
        assert face.box.left == pytest.approx(true.left * scale, abs=0.1 * true.width * scale)
        assert face.box.bottom == pytest.approx(true.bottom * scale, abs=0.06 * true.height * scale)
        assert abs(face.angles.yaw) < 5


def test_an_open_mouth_is_seen_to_be_open(finder: FaceFinder) -> None:
    (shut,) = finder.find(_drawn(CharacterOptions()))
    (wide,) = finder.find(_drawn(CharacterOptions(), Pose(shut=0, jaw=1)))
    assert shut.mouth_open < 0.05
    assert wide.mouth_open > 0.25


def test_a_small_face_in_a_large_picture_is_found(finder: FaceFinder, drawn: Picture) -> None:
    (face,) = finder.find(drawn)
    scale = 40 / face.height
    matrix = np.array([[scale, 0, 1300.0], [0, scale, 700.0]])
    (small,) = finder.find(_warped(drawn, matrix, (2000, 1600)))
    expected = face.points[:, :2] * scale + (1300, 700)
    assert _distances(small, expected).mean() < 0.04


def test_several_faces_are_told_apart_the_largest_first(finder: FaceFinder, drawn: Picture) -> None:
    smaller = cv2.resize(drawn, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    picture = np.full((560, 900, 3), 150, np.uint8)
    picture[:, 450:870] = drawn
    picture[100 : 100 + len(smaller), 40 : 40 + smaller.shape[1]] = smaller
    large, small = finder.find(picture)
    assert large.box.left > 450 > small.box.right
    assert small.height == pytest.approx(0.6 * large.height, rel=0.05)


def test_pictures_without_a_face_give_none(finder: FaceFinder) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3), np.uint8)
    checks = np.kron(np.indices((8, 8)).sum(0) % 2, np.ones((40, 40)))[..., None] * [255, 255, 255]
    for picture in (noise, checks.astype(np.uint8), np.zeros((1, 1, 3), np.uint8)):
        assert finder.find(picture) == []


@pytest.mark.parametrize("seed", [4, 7])
def test_clouds_in_which_one_of_the_models_sees_a_face_are_refused(
    finder: FaceFinder, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(size=(300, 400, 3))
    clouds = np.asarray(cv2.GaussianBlur(noise, (0, 0), 9))
    clouds = (clouds - clouds.min()) / np.ptp(clouds) * 255
    assert finder.find(clouds.astype(np.uint8)) == []


def test_the_person_is_told_from_the_background(finder: FaceFinder, drawn: Picture) -> None:
    mask = finder.person_mask(drawn)
    assert mask.shape == drawn.shape[:2]
    assert mask[:20].max() < 0.2
    (face,) = finder.find(drawn)
    x, y = face.contour(named.NOSE_TIP)[0].astype(int)
    assert mask[y - 30 : y + 30, x - 30 : x + 30].min() > 0.9


@pytest.mark.parametrize("name", ["young", "old", "beard", "glasses", "dark", "smile"])
def test_the_mask_is_the_person_that_was_painted(finder: FaceFinder, name: str) -> None:
    person = portraits.person_in(name)
    mask = finder.person_mask(portraits.painted(name))
    assert np.abs(mask - person).mean() < 0.0075
    assert ((mask > 0.05) & (mask < 0.95)).mean() < 0.025
    assert cv2.connectedComponents((mask > 0.5).astype(np.uint8))[0] == 2


# Across and down, in shares of the picture's sides.
_OF_THE_PERSON = {
    "mona-lisa.png": [(0.33, 0.33), (0.65, 0.33), (0.1, 0.75), (0.9, 0.75), (0.45, 0.11)],
    "pearl-earring.jpg": [
        *[(0.82, 0.6), (0.8, 0.78), (0.86, 0.7), (0.91, 0.7), (0.93, 0.73), (0.9, 0.62)],
        *[(0.78, 0.75), (0.82, 0.93), (0.62, 0.14), (0.5, 0.8)],
    ],
    "rembrandt-wtenbogaert.jpg": [
        *[(0.36, 0.12), (0.66, 0.22), (0.2, 0.35), (0.1, 0.55), (0.9, 0.75)],
    ],
}  # fmt: skip
_BEHIND = {
    "mona-lisa.png": [(0.2, 0.3), (0.75, 0.3), (0.92, 0.42), (0.97, 0.55), (0.06, 0.55)],
    "pearl-earring.jpg": [(0.1, 0.8), (0.1, 0.97), (0.2, 0.9), (0.93, 0.85), (0.8, 0.2)],
    "rembrandt-wtenbogaert.jpg": [(0.2, 0.2), (0.72, 0.2), (0.85, 0.5), (0.95, 0.6), (0.1, 0.4)],
}


@with_paintings
@pytest.mark.parametrize("name", list(_OF_THE_PERSON))
def test_veils_hair_and_dark_clothes_are_the_person_and_nothing_dark_behind_is(
    finder: FaceFinder, name: str
) -> None:
    picture = _painting(name)
    mask = finder.person_mask(picture)

    def shown(places: list[tuple[float, float]]) -> dict[tuple[float, float], float]:
        at = np.array(places) * picture.shape[1::-1]
        return dict(zip(places, mask[at[:, 1].astype(int), at[:, 0].astype(int)], strict=True))

    assert {at: it for at, it in shown(_OF_THE_PERSON[name]).items() if it < 0.95} == {}
    assert {at: it for at, it in shown(_BEHIND[name]).items() if it > 0.05} == {}


@with_paintings
def test_nothing_lies_beside_a_person_who_is_cut_out(finder: FaceFinder) -> None:
    picture = _painting("pearl-earring.jpg")
    (face,) = finder.find(picture)
    alpha = prepare(picture, face, finder.person_mask(picture, face)).alpha
    _, _, sizes, _ = cv2.connectedComponentsWithStats((alpha > 60).astype(np.uint8))
    assert np.sort(sizes[:, cv2.CC_STAT_AREA])[:-2].sum() < 60


@pytest.mark.parametrize("name", ["cat", "lines"])
def test_the_figure_of_a_drawing_is_what_its_even_background_does_not_reach(
    finder: FaceFinder, name: str
) -> None:
    drawing = portraits.drawn(name)
    face = finder.face_at({point: list(at) for point, at in drawing.points.items()})
    mask = finder.person_mask(drawing.picture, face)
    background = np.array(drawing.picture[5, 5], int)
    differs = np.abs(drawing.picture - background).max(-1) > 60
    assert mask[differs].mean() > 0.95
    assert mask[:, :12].max() < 0.05
    assert mask[300:560, 240:360].min() > 0.95


def test_a_drawing_without_an_even_background_moves_as_a_whole(finder: FaceFinder) -> None:
    drawing = portraits.drawn("cat")
    noise = np.random.default_rng(2).integers(0, 60, drawing.picture.shape)
    face = finder.face_at({point: list(at) for point, at in drawing.points.items()})
    mask = finder.person_mask((drawing.picture // 2 + noise).astype(np.uint8), face)
    assert mask.min() == 1.0


def test_a_face_is_placed_on_a_drawing_by_four_points(finder: FaceFinder, drawn: Picture) -> None:
    (found,) = finder.find(drawn)
    given = {
        "left_eye": found.contour(*named.LEFT_EYE_UPPER, *named.LEFT_EYE_LOWER).mean(0),
        "right_eye": found.contour(*named.RIGHT_EYE_UPPER, *named.RIGHT_EYE_LOWER).mean(0),
        "mouth_left": found.contour(named.MOUTH_LEFT)[0],
        "mouth_right": found.contour(named.MOUTH_RIGHT)[0],
    }
    placed = finder.face_at({name: tuple(place.tolist()) for name, place in given.items()})
    assert _distances(placed, found.points[:, :2]).mean() < 0.06


def test_the_plain_mesh_serves_where_the_other_is_not_installed(
    finder: FaceFinder, drawn: Picture, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in finder.weights.iterdir():
        if "attention" not in file.name:
            (tmp_path / file.name).symlink_to(file)
    (face,), (plain,) = finder.find(drawn), FaceFinder(tmp_path).find(drawn)
    assert _distances(plain, face.points[:, :2]).mean() < 0.05
    assert "found less exactly" in caplog.text


def test_the_program_writes_what_was_found(
    finder: FaceFinder, drawn: Picture, tmp_path: Path
) -> None:
    picture, target = tmp_path / "picture.rgba", tmp_path / "portrait"
    opaque = np.full((*drawn.shape[:2], 1), 255, np.uint8)
    np.concatenate([drawn, opaque], axis=2).tofile(picture)
    size = {"width": drawn.shape[1], "height": drawn.shape[0]}
    portrait = PortraitJob(picture=picture, **size, face=1, target=target)
    job = PreparationJob(weights_dir=finder.weights.parent, portraits=(portrait,))
    (tmp_path / "job.json").write_text(job_text(job))
    command = [sys.executable, "-I", "-m", preparation_program.__name__, str(tmp_path / "job.json")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert np.load(target / "points.npy").shape == (named.COUNT, 3)
    assert np.load(target / "alpha.npy").shape == drawn.shape[:2]
    (face,) = json.loads(printed)["faces"]
    assert face["score"] > 0.9
