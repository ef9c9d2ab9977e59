"""Frames that are predicted from a key frame by motion alone, written without an encoder."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.h264.motion import BLOCK, ENCODER, VECTOR_UNITS, key_frames, moved_frames
from tests.fakes.media_files import make

SIZE = (96, 64)
KEYS = 3

Frame = NDArray[np.uint8]


def blocks(size: tuple[int, int]) -> tuple[int, int]:
    return size[1] // BLOCK, size[0] // BLOCK


def encoded(folder: Path, params: str = ENCODER, *more: str, size: tuple[int, int] = SIZE) -> bytes:
    """Return noise that moves, each frame as a key frame."""
    target = folder / "keys.h264"
    noise = f"testsrc2=s={size[0]}x{size[1]}:r=30,noise=alls=40:allf=t"
    options = more or ("-force_key_frames", "expr:1", "-forced-idr", "1")
    options = ("-frames:v", str(KEYS), "-crf", "20", *options, "-f", "h264")
    make(
        target, "-f", "lavfi", "-i", noise, "-pix_fmt", "yuv420p", *options, "-x264-params", params
    )
    return target.read_bytes()


def decoded(folder: Path, stream: bytes) -> list[Frame]:
    """Return the luma of each frame."""
    path = folder / "decoded.h264"
    path.write_bytes(stream)
    with av.open(str(path), format="h264", options={"err_detect": "explode"}) as container:
        shown = [frame.to_ndarray() for frame in container.decode(video=0)]
    return [np.asarray(frame[: len(frame) * 2 // 3], np.uint8) for frame in shown]


def film(stream: bytes, vectors: list[list[NDArray[np.int64]]]) -> bytes:
    shots = map(moved_frames, key_frames(stream), vectors)
    return b"".join(chain.from_iterable(shots))


def shifted(key: Frame, pixels: NDArray[np.int64]) -> Frame:
    """Return a frame each of whose blocks shows the key frame elsewhere, continued at its edges."""
    height, width = key.shape
    y, x = np.mgrid[:height, :width]
    by = pixels.repeat(BLOCK, 0).repeat(BLOCK, 1)
    rows = np.clip(y + by[..., 1], 0, height - 1)
    return np.asarray(key[rows, np.clip(x + by[..., 0], 0, width - 1)], np.uint8)


@pytest.mark.parametrize("size", [SIZE, (16, 64), (64, 16), (32, 32)])
def test_each_block_shows_what_its_vector_says_to_the_last_bit(
    size: tuple[int, int], tmp_path: Path
) -> None:
    random = np.random.default_rng(3)
    stream = encoded(tmp_path, size=size)
    keys = decoded(tmp_path, stream)
    wanted, vectors = list[Frame](), list[list[NDArray[np.int64]]]()
    for key in keys:
        wanted.append(key)
        vectors.append([])
        # Past the sixteen numbers of frames; some equal to neighbours, some not, some at rest.
        for most in (0, 1, 3, 40, 1, 0, *([2] * 14)):
            pixels = random.integers(-most, most + 1, (*blocks(size), 2))
            pixels[random.random(blocks(size)) < 0.3] = (most, -most)
            vectors[-1].append(pixels * VECTOR_UNITS)
            wanted.append(shifted(key, pixels))
    shown = decoded(tmp_path, film(stream, vectors))
    assert len(shown) == len(wanted)
    for number, (one, other) in enumerate(zip(shown, wanted, strict=True)):
        assert np.array_equal(one, other), number


def test_a_frame_at_rest_takes_a_dozen_bytes(tmp_path: Path) -> None:
    stream, rest = encoded(tmp_path), np.zeros((*blocks(SIZE), 2), np.int64)
    many = film(stream, [[rest] * 500, [], []])
    assert len(many) - len(film(stream, [[], [], []])) < 500 * 20


@pytest.mark.parametrize(
    ("params", "options", "what"),
    [
        ("bframes=2:b-adapt=0:ref=2:weightp=0", (), "picture order"),
        ("bframes=0:ref=3:weightp=0", (), "reference frames"),
        (ENCODER, ("-g", "250"), "no key frames"),
    ],
)
def test_streams_of_other_kinds_are_refused(
    params: str, options: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=what):
        list(key_frames(encoded(tmp_path, params, *options)))


def test_a_frame_needs_a_vector_for_each_block(tmp_path: Path) -> None:
    key = next(key_frames(encoded(tmp_path)))
    with pytest.raises(ValueError, match="each macroblock"):
        list(moved_frames(key, [np.zeros((2, 2, 2), np.int64)]))
