"""Which frame is shown at a time, and what is read for frames of a part that repeats."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.measurements import KnownMeasurements
from gala.timeline.reader import read_timeline
from gala_renderer.timeline.graph import Span, frame_at
from gala_renderer.timeline.studio import Round
from gala_renderer.timeline.thumbnails import moments

RATE = Fraction(30)


@pytest.mark.parametrize(
    ("seconds", "frame"),
    [(0.0, 0), (0.3, 9), (0.2999, 8), (1.1, 33), (0.033333, 1), (4.7, 141), (5e-324, 0)],
)
def test_a_time_that_is_no_exact_float_is_that_of_its_frame(seconds: float, frame: int) -> None:
    assert frame_at(seconds, RATE) == frame


def test_the_thumbnail_is_the_frame_of_the_poster() -> None:
    scene = {"duration": 1, "elements": [{"type": "text", "text": "a"}]}
    film = read_timeline({"scenes": [scene], "poster": 0.3})
    frame = Format(width=160, height=90, fps=10)
    assert list(moments(film, compile_timeline(film, frame, KnownMeasurements({})))) == [3]


@pytest.mark.parametrize(
    ("first", "frames", "files"),
    [(100, 12, 2), (100 + 12 * 1000, 12, 2), (100 + 12 * 1000 + 5, 12, 4), (111, 1, 2)],
)
def test_rounds_that_have_passed_are_not_read_again(
    tmp_path: Path, first: int, frames: int, files: int
) -> None:
    played = Round(tmp_path, ("a.mp4", "b.mp4"), frames=12)
    played.stream(Span(first, first + frames, RATE), 100, 0, loops=True)
    (playlist,) = tmp_path.iterdir()
    assert playlist.read_text().count("file ") == files


def test_a_part_that_plays_once_is_read_from_its_start(tmp_path: Path) -> None:
    played = Round(tmp_path, ("a.mp4", "b.mp4"), frames=12)
    played.stream(Span(120, 130, RATE), 100, 0, loops=False)
    (playlist,) = tmp_path.iterdir()
    assert playlist.read_text().count("file ") == 2
