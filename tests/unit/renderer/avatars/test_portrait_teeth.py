"""The teeth of portraits: rows without bends, and no dark dots in mouths that hardly open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.portrait.arrays import f32
from gala_renderer.avatars.portrait.mouth import MouthInside
from gala_renderer.avatars.portrait.mouth_shape import MouthShape, mouth_shape
from gala_renderer.avatars.portrait.teeth import Colours, Inside, canvas, inside
from gala_renderer.avatars.portrait.warp import Area
from gala_renderer.avatars.portrait.weights import weights_of
from gala_renderer.avatars.pose import Pose
from tests.support.plain_face import plain_face

SCALE = 4
COLOURS = Colours(tooth=f32([220, 215, 205]), lip=f32([170, 80, 80]))


def _mouth() -> MouthShape:
    _, face, _ = plain_face()
    return mouth_shape(f32(face.points * SCALE), np.zeros((0, 2), np.float32))


def _rows(pictures: Inside, shape: MouthShape) -> NDArray[np.floating]:
    """Return where the middles of the left and the right upper teeth end, from the middle on."""
    u, v = canvas(shape.width)
    ends = []
    for tooth in (0.0775, 0.2125, 0.3325):
        for side in (-1, 1):
            column = int(np.abs(u[0] - side * tooth).argmin())
            seen = pictures.upper_teeth[:, column, 3] > 127
            ends.append(float(v[seen, column].max()))
    return np.array(ends).reshape(-1, 2)


def test_rows_of_teeth_have_no_step_where_the_lips_have_one() -> None:
    shape = _mouth()
    step = np.float32(0.025 * shape.width) * np.tanh(shape.table / np.float32(0.04 * shape.width))
    bent = replace(shape, seam_upper=shape.seam_upper - step, seam_lower=shape.seam_lower - step)
    ends = _rows(inside(bent, COLOURS, 0.0), bent)
    slope = np.ptp(ends, axis=1)
    # As a line that falls evenly: the innermost teeth differ least.
    assert slope[0] < 0.6 * slope[1] < 0.6 * slope[2]


def test_no_dark_dots_are_between_the_teeth_of_a_mouth_that_hardly_opens() -> None:
    shape = _mouth()
    shown = MouthInside(shape, inside(shape, COLOURS, 0.0))
    half = round(0.3 * shape.width)
    x, y = (round(float(each)) for each in shape.centre)
    hiss = weights_of(Pose(shut=0.0, jaw=0.08, spread=0.4), 0.0)
    # What is seen: from the upper lip to the lower one.
    seen = round(hiss.opened * shape.width * 0.8)
    area = Area(x - half, y, 2 * half, seen)
    light = shown.draw(f32(np.eye(2, 3)), area, hiss)[..., 0].astype(int)
    assert light.min() > 0.35 * light.max()
