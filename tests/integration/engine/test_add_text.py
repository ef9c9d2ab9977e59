"""Texts on videos: place, time, what stays unchanged, and that nothing is injected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy
import pytest

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.media_probe import read_frames

Samples = Callable[[str], Path]
SEEN = {"quality": "draft", "color": "#ffffff", "font_size": 24}


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dark video of 2 seconds with a tone: 160x120 at 25 frames per second."""
    path = tmp_path_factory.mktemp("dark") / "dark.mp4"
    make(path, "-f", "lavfi", "-i", "color=0x202020:s=160x120:r=25:d=2", "-f", "lavfi", "-i",
         "sine=d=2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-colorspace", "bt709")  # fmt: skip
    return path


def packets(path: Path) -> list[bytes]:
    """Return the encoded sound."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0)]


def bright(path: Path) -> Any:
    """Return, for each frame, row and column, whether it is bright."""
    return read_frames(path)[1] > 150


def test_the_sound_is_copied_and_rate_size_and_length_stay(
    engine: EngineHarness, dark: Path
) -> None:
    made = engine.make("add_text", {**SEEN, "text": "GALA"}, video=dark)
    assert packets(made.path("video")) == packets(dark)
    times, frames = read_frames(made.path("video"))
    assert (len(times), frames.shape[1:]) == (50, (120, 160))
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1


@pytest.mark.parametrize(
    ("params", "right", "down"),
    [
        ({}, 0.5, 0.5),
        ({"position": "top-left"}, 0.2, 0.13),
        ({"position": "bottom-right"}, 0.8, 0.87),
        ({"x": 0.5, "y": 0.0, "align": "left"}, 0.66, 0.1),
        ({"x": 10, "y": 60}, 0.22, 0.6),
    ],
)
def test_the_text_is_where_it_was_asked_for(
    engine: EngineHarness, dark: Path, params: dict[str, Any], right: float, down: float
) -> None:
    seen = bright(
        engine.make("add_text", {**SEEN, "text": "HEHE", **params}, video=dark).path("video")
    )
    rows, columns = numpy.nonzero(seen[10])
    assert columns.mean() / 160 == pytest.approx(right, abs=0.08)
    assert rows.mean() / 120 == pytest.approx(down, abs=0.08)


def test_it_appears_and_goes_on_the_frame_and_fades(engine: EngineHarness, dark: Path) -> None:
    params = {**SEEN, "text": "HEHE", "start": 0.4, "end": "0:01.2"}
    hard = bright(engine.make("add_text", params, video=dark).path("video")).any(axis=(1, 2))
    assert list(numpy.nonzero(hard)[0]) == list(range(10, 30))
    soft = engine.make("add_text", {**params, "fade_in": 0.4, "fade_out": 0.2}, video=dark)
    peaks = read_frames(soft.path("video"))[1].max(axis=(1, 2)).astype(int)
    assert peaks[9] < 60
    assert peaks[12] < peaks[15] < peaks[18] < peaks[22]
    assert peaks[22] > peaks[27] > peaks[31]


def test_long_lines_are_broken_within_the_frame(engine: EngineHarness, dark: Path) -> None:
    params = {**SEEN, "text": "one two three four five six", "max_width": 0.5}
    seen = bright(engine.make("add_text", params, video=dark).path("video"))[10]
    columns = numpy.nonzero(seen.any(axis=0))[0]
    assert columns.max() - columns.min() <= 0.5 * 160 + 2


def test_a_text_that_begins_in_the_middle_is_broken_before_the_edge(
    engine: EngineHarness, dark: Path
) -> None:
    params = {**SEEN, "text": "one two three four five six", "x": 0.5, "y": 0.1}
    seen = bright(engine.make("add_text", params, video=dark).path("video"))[10]
    columns = numpy.nonzero(seen.any(axis=0))[0]
    assert columns.min() >= 78
    assert columns.max() < 158


@pytest.mark.parametrize(
    "text",
    [
        "%{localtime} %{pts}",
        "';movie=/etc/passwd[v];[v]",
        "{\\pos(0,0)}{\\b1}\\N",
        "\u202eevil\u202c\u200b" + "a\u0301" * 900,
    ],
)
def test_what_looks_like_syntax_is_text(engine: EngineHarness, dark: Path, text: str) -> None:
    params = {**SEEN, "text": text, "font_size": 8}
    assert bright(engine.make("add_text", params, video=dark).path("video"))[10].any()


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"text": "a", "font": "Nope"}, "params.font"),
        ({"text": "a", "start": 60}, "params.start"),
        ({"text": "w" * 2000, "font_size": 1000}, "params.text"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(
    engine: EngineHarness, dark: Path, params: dict[str, Any], field: str
) -> None:
    made = engine.make("add_text", params, video=dark)
    assert field in made.error.message


def test_a_turned_video_without_sound_is_upright(engine: EngineHarness, tmp_path: Path) -> None:
    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    make(flat, "-f", "lavfi", "-i", "color=0x202020:s=160x90:r=10:d=1", "-c:v", "libx264",
         "-pix_fmt", "yuv420p")  # fmt: skip
    make(turned, "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    made = engine.make("add_text", {**SEEN, "text": "HE"}, video=turned)
    frames = read_frames(made.path("video"))[1]
    assert frames.shape[1:] == (160, 90)
    assert (frames[5] > 150).any()


def test_a_long_word_stays_whole_by_getting_smaller(engine: EngineHarness, dark: Path) -> None:
    params = {**SEEN, "text": "Geschwindigkeit", "max_width": 0.9}
    seen = bright(engine.make("add_text", params, video=dark).path("video"))[10]
    rows, columns = numpy.nonzero(seen)
    assert rows.max() - rows.min() < 24
    assert 0.6 * 160 < columns.max() - columns.min() <= 0.9 * 160
