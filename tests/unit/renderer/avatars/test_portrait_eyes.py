"""Eyes of pictures whose landmarks lie a little off, as those of the model do."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import f32
from gala_renderer.avatars.portrait.eye_shape import EyeShape, Surroundings
from gala_renderer.avatars.portrait.eyes import Eye, eye_state
from gala_renderer.avatars.portrait.lid_lines import with_lids
from gala_renderer.avatars.yuv import full_resolution

SKIN, WHITE, IRIS, LASHES = (224, 172, 140), (238, 236, 232), (60, 90, 140), (40, 26, 22)
WIDTH, RADIUS = 100.0, 23.0
CORNER = np.array([60.0, 70.0], np.float32)
MIDDLE = np.array([112.0, 66.0], np.float32)
ROWS, COLUMNS = 140, 220
U = np.linspace(0, 1, 65, dtype=np.float32)
ARCH = (4 * U * (1 - U)) ** 0.8
UPPER, LOWER = (-24 * ARCH).astype(np.float32), (14 * ARCH).astype(np.float32)
POSITIONS = np.dstack(np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))).astype(np.float32)


def _eye(*, off: float = 0.0) -> EyeShape:
    """Return the landmarks of the painted eye; those of a narrower one if they are off."""
    inwards = np.float32(1 - 0.2 * off)
    return EyeShape(
        corner=CORNER,
        along=np.array([1.0, 0.0], np.float32),
        width=WIDTH,
        upper=UPPER * inwards,
        lower=LOWER * inwards,
        crease=UPPER - 12,
        above=UPPER - 24,
        iris=MIDDLE + np.float32(2 * off),
        radius=RADIUS * (1 - 0.1 * off),
    )


def _painted(
    *, line: float = 0.0, outline: float = 0.0, lower: NDArray[np.float32] = LOWER
) -> NDArray[np.uint8]:
    """Return the eye in sRGB: lashes above, the iris cut by both lids.

    A ``line`` reaches so many pixels over the eye from the upper lid, near its left corner. An
    ``outline`` is a line of so many pixels above the whole lid.
    """
    fine = 4
    picture = np.full((ROWS * fine, COLUMNS * fine, 3), SKIN, np.uint8)
    x = CORNER[0] + U * WIDTH

    def area(upper: NDArray[np.float32], lower: NDArray[np.float32]) -> NDArray[np.uint8]:
        around = np.concatenate([np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]])
        mask = np.zeros(picture.shape[:2], np.uint8)
        points = ((around + (0, CORNER[1]) + 0.5) * fine).round().astype(np.int32)
        cv2.fillPoly(mask, [points], 255)
        return mask

    picture[area(UPPER - max(5, outline), UPPER + 1) > 0] = LASHES
    opening = area(UPPER, lower) > 0
    picture[opening] = WHITE
    iris = np.zeros(picture.shape[:2], np.uint8)
    centre = ((MIDDLE + 0.5) * fine).round().astype(int)
    cv2.circle(iris, (int(centre[0]), int(centre[1])), round(RADIUS * fine), 255, -1)
    picture[opening & (iris > 0)] = IRIS
    if line:
        end = line * np.clip(1 - np.abs(U - 0.16) / 0.12, 0, 1).astype(np.float32)
        picture[area(UPPER - 5, UPPER + end) > 0] = LASHES
    return cv2.resize(picture, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.uint8)


@pytest.fixture(scope="module")
def planes() -> NDArray[np.uint8]:
    return full_resolution(_painted())


def _drawn(
    planes: NDArray[np.uint8], shape: EyeShape | None = None, **state: float
) -> NDArray[np.int_]:
    """Return Y, U and V of the picture with the eye in a state, from landmarks that are off."""
    eye = Eye(shape or _eye(off=1), planes, POSITIONS)
    found = planes.copy()
    found[eye.box] = eye.drawn(eye_state(*(state.get(each, 0) for each in ("blink", "x", "y"))))
    return found.astype(int)


def _like(picture: NDArray[np.int_], color: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return the pixels of about a colour."""
    wanted = full_resolution(np.full((1, 1, 3), color, np.uint8)).astype(int)
    return np.asarray(np.abs(picture - wanted).max(-1) < 16)


def test_lids_are_found_where_the_picture_shows_them(planes: NDArray[np.uint8]) -> None:
    off = _eye(off=1)
    found = with_lids(off, Surroundings.of(off, planes, POSITIONS))
    inside = np.s_[4:-4]
    assert np.abs(off.upper - UPPER)[inside].mean() > 2.5
    assert np.abs(found.upper - UPPER)[inside].mean() < 1.6
    assert np.abs(found.lower - LOWER)[inside].mean() < 1.0


def test_an_iris_that_looks_aside_is_round_and_leaves_nothing_behind(
    planes: NDArray[np.uint8],
) -> None:
    aside = _like(_drawn(planes, x=1.0), IRIS)
    # It goes 0.13 widths of the eye to the right.
    away = np.hypot(*np.moveaxis(POSITIONS - MIDDLE - (0.13 * WIDTH, 0), -1, 0))
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    upper, lower = (CORNER[1] + np.interp(u, U, line) for line in (UPPER, LOWER))
    opening = (POSITIONS[..., 1] > upper + 4) & (POSITIONS[..., 1] < lower - 3)
    assert aside[opening & (away < RADIUS - 2)].mean() > 0.98
    assert aside[opening & (away > RADIUS + 3)].mean() == 0


def test_a_thick_line_of_a_drawing_stays_and_does_not_smear_over_the_white() -> None:
    planes = full_resolution(_painted(line=12))
    rest, aside = planes.astype(int), _drawn(planes, x=1.0)
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    upper, lower = (CORNER[1] + np.interp(u, U, line) for line in (UPPER, LOWER))
    opening = (
        (u > 0.05) & (u < 0.4) & (POSITIONS[..., 1] > upper + 3) & (POSITIONS[..., 1] < lower - 3)
    )
    line = opening & _like(rest, LASHES)
    assert line.sum() > 40
    assert _like(aside, LASHES)[line].mean() > 0.95
    beside = cv2.dilate(line.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    iris = np.hypot(*np.moveaxis(POSITIONS - MIDDLE, -1, 0)) < RADIUS + 3
    assert _like(aside, WHITE)[opening & ~beside & ~iris].mean() > 0.98
    assert _like(aside, WHITE)[opening & iris & ~beside].mean() > 0.9


def test_closed_lids_show_neither_white_nor_iris(planes: NDArray[np.uint8]) -> None:
    shut = _drawn(planes, blink=1.0)
    assert _like(planes.astype(int), WHITE).sum() > 500
    assert _like(shut, WHITE).sum() == 0
    assert _like(shut, IRIS).sum() == 0


def test_the_thick_line_of_a_drawn_lid_is_whole_when_the_lid_is_shut() -> None:
    planes = full_resolution(_painted(outline=8))
    above_the_line = replace(_eye(), upper=f32(UPPER - 9 * ARCH**2))
    shut = _like(_drawn(planes, above_the_line, blink=1.0), LASHES)
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    lower = CORNER[1] + np.interp(u, U, LOWER)
    near = shut & (POSITIONS[..., 1] > lower - 12) & (POSITIONS[..., 1] < lower + 8)
    inside = near[:, round(CORNER[0] + 0.15 * WIDTH) : round(CORNER[0] + 0.85 * WIDTH)]
    assert inside.sum(0).min() >= 5
    assert inside.sum(0).max() <= 13


def test_the_eye_is_seen_below_a_lid_that_is_nearly_shut(planes: NDArray[np.uint8]) -> None:
    nearly = _drawn(planes, _eye(), blink=0.75)
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    edge, lower = (
        CORNER[1] + np.interp(u, U, line) for line in (UPPER + 0.75 * (LOWER - UPPER), LOWER)
    )
    seen = (u > 0.1) & (u < 0.9) & (POSITIONS[..., 1] > edge + 5) & (POSITIONS[..., 1] < lower - 2)
    assert seen.sum() > 40
    rest = planes.astype(int)
    assert np.abs(nearly - rest)[seen].max(-1).mean() < 4


def test_threads_of_canvas_are_straight_on_a_closed_lid() -> None:
    picture = _painted().astype(int)
    picture[np.arange(ROWS) // 2 % 2 == 0] -= 6
    shut = _drawn(full_resolution(picture.clip(0, 255).astype(np.uint8)), _eye(), blink=1.0)
    lid = shut[round(CORNER[1]) - 16 : round(CORNER[1]) + 2, :, 0]
    lid = lid[:, round(CORNER[0] + 0.3 * WIDTH) : round(CORNER[0] + 0.7 * WIDTH)].astype(float)
    threads = lid - cv2.blur(lid, (1, 5))
    assert threads.std() > 1
    assert threads.mean(1).std() > 0.9 * threads.std()


def test_a_closed_lid_has_the_tint_of_the_open_one_beside_grey_hair() -> None:
    picture = _painted()
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    picture[(u < -0.12) | (u > 1.12) | (POSITIONS[..., 1] < CORNER[1] - 44)] = (150, 150, 150)
    shut = _drawn(full_resolution(picture), _eye(), blink=1.0)
    lid = shut[round(CORNER[1]) - 18 : round(CORNER[1]), round(CORNER[0]) + 35 :][:, :30]
    skin = full_resolution(np.full((1, 1, 3), SKIN, np.uint8)).astype(int)[0, 0]
    tint, wanted = (
        (colour[1:] - 128) / (colour[0] - 16) for colour in (np.median(lid, (0, 1)), skin)
    )
    assert np.abs(tint - wanted).max() < 0.1 * np.abs(wanted).max()


def test_the_edge_of_a_shut_lid_has_no_bends() -> None:
    lower = f32(14 * (1 - np.abs(2 * U - 1)))
    bent = replace(_eye(), lower=lower)
    shut = _drawn(full_resolution(_painted(lower=lower)), bent, blink=1.0)
    rows = slice(round(CORNER[1]) - 4, round(CORNER[1]) + 26)
    columns = slice(round(CORNER[0] + 0.2 * WIDTH), round(CORNER[0] + 0.8 * WIDTH))
    edge = shut[rows, columns, 0].argmin(0)
    u = np.linspace(-1, 1, len(edge))
    assert np.abs(edge - np.polynomial.Polynomial.fit(u, edge, 3)(u)).max() < 1.0


def test_light_falls_on_a_closed_lid_as_on_the_open_one() -> None:
    picture = _painted().astype(float)
    u = (POSITIONS[..., 0] - CORNER[0]) / WIDTH
    crease, upper = (CORNER[1] + np.interp(u, U, line) for line in (UPPER - 12, UPPER))
    lid = (POSITIONS[..., 1] > crease) & (POSITIONS[..., 1] < upper - 5)
    picture[lid] *= (0.7 + 0.4 * np.clip(u, 0, 1))[lid][:, None]
    picture += np.random.default_rng(1).normal(0, 2, picture.shape[:2])[..., None]
    shut = _drawn(full_resolution(picture.clip(0, 255).astype(np.uint8)), _eye(), blink=1.0)
    rows = slice(round(CORNER[1]) - 10, round(CORNER[1]))
    left, right = (
        float(shut[rows, round(CORNER[0] + at * WIDTH) :][:, :10, 0].mean()) for at in (0.25, 0.65)
    )
    assert right > 1.06 * left


@pytest.mark.parametrize("light", [1.0, 0.35])
def test_a_shut_eye_shows_no_end_of_the_lashes_beside_its_corners(light: float) -> None:
    """The line of lashes goes on beyond a corner, with a soft shadow around it."""
    picture = _painted().astype(float)
    x, y = np.moveaxis(POSITIONS - CORNER, -1, 0)
    beside = np.hypot(np.maximum(np.abs(x + 5) - 6, 0), y + 2)
    shadow = (0.8 * np.exp(-((beside / 3) ** 2)) + 0.2 * np.exp(-((beside / 7) ** 2)))[..., None]
    picture += (np.array(LASHES) - picture) * shadow
    dark = full_resolution((picture * light).round().astype(np.uint8))
    shut = _drawn(dark, _eye(), blink=1.0)
    rows = slice(round(CORNER[1]) - 14, round(CORNER[1]) + 8)
    columns = slice(round(CORNER[0]) - 24, round(CORNER[0]) - 7)
    skin = float(np.median(shut[: round(CORNER[1]) - 50, :, 0]))
    assert (dark[rows, columns, 0].min() - 16) / (skin - 16) < 0.4
    assert (shut[rows, columns, 0].min() - 16) / (skin - 16) > 0.9
