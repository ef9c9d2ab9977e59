"""Where the head is in frames of presenters that were drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala.presenter_looks import CHARACTERS, CharacterName, Framing
from gala_renderer.avatars.bodies import BodySpec, CharacterSpec, PortraitSpec
from gala_renderer.avatars.body import Frame
from gala_renderer.avatars.faces.face import Face
from gala_renderer.avatars.frame_job import BackgroundKind, FrameJob, PresenterJob
from gala_renderer.avatars.frame_program import frames
from gala_renderer.avatars.portrait.prepared import prepare, save
from gala_renderer.avatars.pose import CURVES
from tests.support.plain_face import BACKGROUND, SIZE, SKIN, plain_face
from tests.support.planes import rgb

HAIR = (150, 40, 40)
COLOR = "#102080"
WIDE, SQUARE, UPRIGHT = (640, 360), (360, 360), (360, 640)
Picture = NDArray[np.uint8]
Draw = Callable[..., Picture]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    def drawn(
        body: BodySpec, size: tuple[int, int], framing: Framing, background: BackgroundKind
    ) -> Picture:
        motion = tmp_path / "motion.npy"
        np.save(motion, np.zeros((1, 1, len(CURVES)), np.float32))
        presenter = PresenterJob(
            body=body,
            region=(0, 0, *size),
            framing=framing,
            background=background,
            color=COLOR,
        )
        job = FrameJob(
            pipe=tmp_path / "unused",
            width=size[0],
            height=size[1],
            alpha=False,
            fps="30",
            frames=1,
            motion=motion,
            presenters=(presenter,),
        )
        return _rgb(next(frames(job)), size)

    return drawn


def _rgb(samples: Picture, size: tuple[int, int]) -> Picture:
    width, height = size
    y, u, v = np.split(samples.ravel(), [width * height, width * height * 5 // 4])
    half = height // 2, width // 2
    return rgb(Frame(y.reshape(height, width), u.reshape(half), v.reshape(half)))


def _portrait(folder: Path, *, room: int = 0, hair: int = 0, grain: float = 0) -> PortraitSpec:
    """Prepare a plain face with room around it and a chest, with hair so high, before grain."""
    picture, face, mask = plain_face()
    around = (room, SIZE[1] // 3 * (room > 0), room, room)
    picture = np.asarray(cv2.copyMakeBorder(picture, *around, cv2.BORDER_REPLICATE), np.uint8)
    mask = np.asarray(cv2.copyMakeBorder(mask, *around, cv2.BORDER_REPLICATE), np.float32)
    if hair:
        bun = (120 + room, 70 + room), (70, 2 * hair), 0
        cv2.ellipse(picture, bun, HAIR, -1)
        cv2.ellipse(mask, bun, 1, -1)
    noise = np.random.default_rng(1).normal(0, grain, mask.shape) * (mask == 0)
    picture = np.clip(picture + noise[..., None], 0, 255).astype(np.uint8)
    folder.mkdir()
    save(prepare(picture, Face(face.points + np.float32([room, room, 0])), mask), folder)
    return PortraitSpec(folder=folder)


def _like(picture: Picture, colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(picture.astype(int) - colour) < 30).all(-1))


def _rows(shown: NDArray[np.bool_]) -> tuple[float, float]:
    """Return where it begins and ends, as shares of the frame's height."""
    rows = np.flatnonzero(shown.sum(1) > 2)
    return rows[0] / len(shown), (rows[-1] + 1) / len(shown)


@pytest.mark.parametrize("framing", list(Framing))
def test_a_close_up_in_a_wide_frame_is_as_large_before_its_own_background_as_cut_out(
    draw: Draw, tmp_path: Path, framing: Framing
) -> None:
    body = _portrait(tmp_path / "portrait")
    kinds = BackgroundKind.COLOR, BackgroundKind.OWN, BackgroundKind.BLUR
    people = [_like(draw(body, WIDE, framing, kind), SKIN) for kind in kinds]
    tops = [_rows(person)[0] for person in people]
    assert min(tops) >= 0.04
    assert max(tops) <= 0.25
    assert np.ptp(tops) < 0.01
    widths = [person[: WIDE[1] // 2].any(0).sum() for person in people]
    assert np.ptp(widths) <= 4


@pytest.mark.parametrize("kind", [BackgroundKind.OWN, BackgroundKind.BLUR])
def test_the_background_of_a_close_up_goes_on_to_the_sides_of_a_wide_frame(
    draw: Draw, tmp_path: Path, kind: BackgroundKind
) -> None:
    shown = draw(_portrait(tmp_path / "portrait"), WIDE, Framing.BUST, kind)
    above = shown[: WIDE[1] // 12].astype(int)
    assert np.abs(above - BACKGROUND).max() < 30
    # Nothing of the person is mirrored.
    assert not _like(shown, SKIN)[:, [*range(20), *range(-20, 0)]].any()


def test_beside_the_picture_its_background_is_blurred_without_a_seam(
    draw: Draw, tmp_path: Path
) -> None:
    body = _portrait(tmp_path / "portrait", grain=12)
    shown = draw(body, WIDE, Framing.BUST, BackgroundKind.OWN)[: WIDE[1] // 8].astype(float)
    roughness = np.abs(np.diff(shown, axis=0)).mean((0, 2))
    middle = WIDE[0] // 2
    assert roughness[: middle // 2].max() < 1 < roughness[middle - 70 : middle - 40].min()
    around = np.convolve(roughness, np.full(5, 1 / 5), "same")
    assert np.abs(np.diff(around))[: middle - 40].max() < 2


def test_a_cut_out_close_up_in_an_upright_frame_is_not_far_below_its_top(
    draw: Draw, tmp_path: Path
) -> None:
    body = _portrait(tmp_path / "portrait", room=80)
    for framing in (Framing.BUST, Framing.FACE):
        top, bottom = _rows(_like(draw(body, UPRIGHT, framing, BackgroundKind.COLOR), SKIN))
        assert bottom == 1
        assert 0.1 < top < 0.3


@pytest.mark.parametrize("size", [SQUARE, WIDE])
@pytest.mark.parametrize("framing", [Framing.BUST, Framing.FACE])
@pytest.mark.parametrize("kind", [BackgroundKind.COLOR, BackgroundKind.OWN])
def test_high_hair_is_seen_whole(
    draw: Draw, tmp_path: Path, size: tuple[int, int], framing: Framing, kind: BackgroundKind
) -> None:
    body = _portrait(tmp_path / "portrait", room=80, hair=120)
    top, end = _rows(_like(draw(body, size, framing, kind), HAIR))
    assert 0.03 <= top < 0.2
    assert end - top > 0.08


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("kind", [BackgroundKind.COLOR, BackgroundKind.OWN])
def test_the_hair_of_a_character_is_inside_of_a_wide_frame_and_larger_in_closer_framings(
    draw: Draw, framing: Framing, kind: BackgroundKind
) -> None:
    body = CharacterSpec(options=CHARACTERS[CharacterName.MAYA])
    shown = draw(body, WIDE, framing, kind)
    plain = tuple(int(COLOR[at : at + 2], 16) for at in (1, 3, 5))
    top, bottom = _rows(~_like(shown, plain))
    assert 0.03 <= top < 0.2
    assert bottom == 1
    assert _like(shown, plain)[:, : WIDE[0] // 4].all()
