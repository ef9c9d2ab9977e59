"""Frames that repeat the one before, written into H.264 without an encoder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.h264.repeats import ENCODER, with_repeats
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from tests.fakes.media_files import make

SIZE = (48, 32)
DRAWINGS = 9


def encoded(folder: Path, params: str = ENCODER) -> bytes:
    """Return noise that moves, two key frames among it."""
    target = folder / "drawings.h264"
    noise = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=30,noise=alls=40:allf=t"
    options = ("-frames:v", str(DRAWINGS), "-preset", "superfast", "-g", "5", "-f", "h264")
    make(
        target, "-f", "lavfi", "-i", noise, "-pix_fmt", "yuv420p", *options, "-x264-params", params
    )
    return target.read_bytes()


def decoded(folder: Path, stream: bytes) -> list[NDArray[np.uint8]]:
    path = folder / "decoded.h264"
    path.write_bytes(stream)
    with av.open(str(path), format="h264", options={"err_detect": "explode"}) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def test_each_frame_is_shown_until_the_next_one_to_the_last_bit(tmp_path: Path) -> None:
    stream = encoded(tmp_path)
    times = [0, 1, 3, 9, 10, 30, 31, 33, 34]
    drawings, shown = decoded(tmp_path, stream), decoded(tmp_path, with_repeats(stream, times, 60))
    assert len(shown) == 60
    for number, frame in enumerate(shown):
        last = max(index for index, time in enumerate(times) if time <= number)
        assert np.array_equal(frame, drawings[last]), number


def test_a_repeat_takes_a_dozen_bytes(tmp_path: Path) -> None:
    stream = encoded(tmp_path)
    times = list(range(DRAWINGS))
    more = len(with_repeats(stream, times, 1000)) - len(with_repeats(stream, times, DRAWINGS))
    assert more < 16 * (1000 - DRAWINGS)


@pytest.mark.parametrize("times", [[], [1, *range(2, 10)], [0] * 9, range(8), range(10)])
def test_times_that_do_not_fit_are_refused(times: list[int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="times"):
        with_repeats(encoded(tmp_path), times, 9)


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ("bframes=2:b-adapt=0:ref=1:weightp=0:cabac=0", "picture order"),
        ("bframes=0:ref=3:weightp=0:cabac=0", "reference frames"),
        ("bframes=0:ref=1:weightp=0:cabac=1", "arithmetic coding"),
        ("bframes=0:ref=1:weightp=2:cabac=0", "weighted prediction"),
    ],
)
def test_streams_of_other_kinds_are_refused(params: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=what):
        with_repeats(encoded(tmp_path, params), range(DRAWINGS), DRAWINGS)


def test_an_ffmpeg_is_asked_for_its_options() -> None:
    ffmpeg = FFmpeg(Path(imageio_ffmpeg.get_ffmpeg_exe()), Sandbox(ProcessLimits()))

    async def answers() -> list[bool]:
        return [await ffmpeg.has_option(name) for name in ("stats_enc_post", "c", "frobnicate")]

    assert asyncio.run(answers()) == [True, True, False]
