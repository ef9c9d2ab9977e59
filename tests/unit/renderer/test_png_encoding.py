"""PNG files that are written for single frames."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gala_renderer.pictures.png import colour_chunks
from gala_renderer.pictures.png_encoding import encode_png

SHAPES = [(1, 1, 3), (1, 7, 4), (33, 1, 3), (40, 50, 3), (40, 50, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_readers_get_every_pixel_back(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels))) as picture:
        picture.load()
        assert picture.mode == {3: "RGB", 4: "RGBA"}[shape[2]]
        assert np.array_equal(np.asarray(picture), pixels)


def test_the_colours_are_said_to_be_srgb(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    assert list(colour_chunks(path)) == [b"sRGB"]


def test_what_repeats_from_row_to_row_takes_little_space() -> None:
    pixels = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (256, 256, 3))
    assert len(encode_png(pixels)) < 4096
