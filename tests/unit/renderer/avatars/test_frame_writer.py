"""Raw frames in memory, and their way through a pipe."""

from __future__ import annotations

import os
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from gala_renderer.avatars.frame_writer import FrameBuffer, Ivf, write_frames, write_numbered


@pytest.mark.parametrize("alpha", [False, True])
def test_the_planes_lie_in_the_order_of_the_pixel_format(alpha: bool) -> None:
    buffer = FrameBuffer(8, 4, alpha=alpha)
    frame = buffer.frame
    frame.y[:], frame.u[:], frame.v[:] = 1, 2, 3
    if frame.alpha is not None:
        frame.alpha[:] = 4
    assert buffer.data.tolist() == [1] * 32 + [2] * 8 + [3] * 8 + [4] * (32 if alpha else 0)


def test_a_region_is_a_view_of_its_part_of_all_planes() -> None:
    buffer = FrameBuffer(8, 4, alpha=True)
    part = buffer.region(4, 2, 4, 2)
    part.y[:], part.u[:] = 9, 8
    assert part.alpha is not None
    part.alpha[:] = 7
    assert buffer.frame.y[2:, 4:].min() == 9
    assert (buffer.frame.y == 9).sum() == 8
    assert (buffer.frame.u == 8).sum() == 2
    assert buffer.frame.alpha is not None
    assert (buffer.frame.alpha == 7).sum() == 8


def test_each_frame_arrives_as_it_was_when_it_was_drawn(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    shown = np.zeros(100_000, np.uint8)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()

    def drawn():
        for number in range(5):
            shown[:] = number
            yield shown

    write_frames(pipe, drawn())
    reader.join(10)
    assert received == [b"".join(bytes([number]) * len(shown) for number in range(5))]


def test_frames_have_their_numbers_in_ivf(tmp_path: Path) -> None:
    path = tmp_path / "frames.ivf"
    path.touch()
    picture = np.zeros(8 * 4 * 3 // 2, np.uint8)
    write_numbered(path, [(0, picture), (3, picture)], Ivf(8, 4, Fraction(30)))
    with av.open(str(path), options={"framerate": "30"}) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.pix_fmt) == (8, 4, "yuv420p")
        assert [frame.time for frame in container.decode(stream)] == [0.0, 0.1]


def test_the_drawing_stops_when_the_reader_closes_the_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    drawn: list[int] = []

    def endless():
        number = 0
        while number < 100_000:
            drawn.append(number)
            number += 1
            yield np.zeros(100_000, np.uint8)

    def read_a_little() -> None:
        with pipe.open("rb") as opened:
            opened.read(1000)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    write_frames(pipe, endless())
    reader.join(10)
    assert len(drawn) < 1000
