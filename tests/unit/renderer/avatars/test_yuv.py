"""Conversion of drawn RGB into the planes of frames."""

from __future__ import annotations

import subprocess

import cv2
import numpy as np
import pytest

from gala_renderer.avatars.yuv import (
    PixelBox,
    blend_over,
    convert,
    premultiplied,
    write_opaque,
    write_transparent,
)
from gala_renderer.ffmpeg.binary import find_ffmpeg
from tests.support.planes import new_frame, planes

SIZE = (128, 96)


def _colourful() -> np.ndarray:
    coarse = np.random.default_rng(7).integers(0, 256, (6, 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, SIZE, interpolation=cv2.INTER_LINEAR), np.uint8)


def test_planes_are_those_of_ffmpeg() -> None:
    picture = _colourful()
    arguments = (
        "-v error -f rawvideo -pix_fmt rgb24 -s 128x96 -i - -f rawvideo -vf scale="
        "out_color_matrix=bt709:out_range=tv:flags=area+accurate_rnd,format=yuv420p -"
    )
    done = subprocess.run(
        [find_ffmpeg(None), *arguments.split()],
        input=picture.tobytes(), capture_output=True, check=True,
    )  # fmt: skip
    expected = np.frombuffer(done.stdout, np.uint8).astype(int)
    ours = np.concatenate([plane.ravel() for plane in convert(picture)]).astype(int)
    assert np.abs(ours - expected).max() <= 2


def test_writing_a_box_leaves_the_other_pixels() -> None:
    frame = new_frame(SIZE)
    write_opaque(frame, PixelBox(20, 30, 60, 50), _colourful()[:20, :40])
    for plane, part in zip(planes(frame), (1, 2, 2), strict=True):
        plane[30 // part : 50 // part, 20 // part : 60 // part] = 0
        assert not plane.any()


def test_transparent_edges_keep_the_colour_of_the_person() -> None:
    picture = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    cv2.circle(picture, (64, 48), 29, (200, 40, 60, 255), -1, cv2.LINE_AA)
    picture[..., :3] = (200, 40, 60)
    frame = new_frame(SIZE, alpha=True)
    write_transparent(frame, PixelBox(0, 0, *SIZE), premultiplied(picture))
    y, u, v = convert(np.full((2, 2, 3), (200, 40, 60), np.uint8))
    # Alpha of 8 bits times a colour of 8 bits leaves a few steps near alpha 0.
    visible = planes(frame)[3] > 24
    assert np.abs(frame.y.astype(int) - y[0, 0])[visible].max() <= 5
    half = visible[::2, ::2]
    assert np.abs(frame.u.astype(int) - u[0, 0])[half].max() <= 5
    assert np.abs(frame.v.astype(int) - v[0, 0])[half].max() <= 5
    assert frame.y[40, 30] == pytest.approx(y[0, 0], abs=6), "beside the edge, alpha 0"


def test_blending_is_that_of_premultiplied_colours() -> None:
    below = np.full((2, 2, 3), 100, np.uint8)
    above = premultiplied(np.full((2, 2, 4), (200, 0, 50, 128), np.uint8))
    blend_over(below, above)
    assert np.abs(below[0, 0].astype(int) - (150, 50, 75)).max() <= 1


def test_boxes_are_even_and_inside_of_the_frame() -> None:
    assert PixelBox.around(-3, 5.5, 7.2, 200, SIZE) == PixelBox(0, 4, 8, 96)
    assert PixelBox.around(200, 0, 300, 10, SIZE).empty
