"""What the packets of a file show about its length, without the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gala_renderer.probe.length import TooLong
from gala_renderer.probe.media import DEMUXERS, MAX_INPUT_SECONDS, MAX_PIXELS
from gala_renderer.probe.program import Limits, inspect
from tests.fakes.media_files import make

SINE = ("-f", "lavfi", "-i", "sine=d=2")
FILM = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", *SINE)


def length(path: Path, max_seconds: float = MAX_INPUT_SECONDS) -> Any:
    return inspect(path, Limits(MAX_PIXELS, max_seconds, DEMUXERS)).get("seconds")


def animation(path: Path, delays: list[int]) -> Path:
    """Write an animation with these delays in milliseconds."""
    frames = [Image.new("RGB", (16, 16), (40 * at, 0, 0)) for at in range(len(delays))]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=delays, loop=0)
    return path


@pytest.mark.parametrize("name", ["a.webp", "a.gif", "a.png"])
def test_an_animation_is_as_long_as_its_delays(tmp_path: Path, name: str) -> None:
    delays = [40, 500, 0, 100]
    assert length(animation(tmp_path / name, delays)) == pytest.approx(0.74, abs=0.001)


@pytest.mark.parametrize("name", ["one.gif", "one.png", "one.webp"])
def test_one_frame_is_a_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (16, 16)).save(path)
    assert inspect(path, Limits(MAX_PIXELS, 10, DEMUXERS))["picture"]["still"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("a.mp3", (*SINE, "-c:a", "libmp3lame")),
        ("a.aac", (*SINE, "-c:a", "aac")),
        ("a.ogg", (*SINE, "-c:a", "libopus")),
        ("a.ts", (*FILM, "-c:v", "libx264", "-c:a", "aac")),
    ],
)
def test_files_joined_byte_by_byte_have_both_lengths(
    tmp_path: Path, name: str, arguments: tuple[str, ...]
) -> None:
    one = make(tmp_path / name, *arguments)
    assert length(one) == pytest.approx(2.0, abs=0.06)
    one.write_bytes(one.read_bytes() * 2)
    assert length(one) == pytest.approx(4.0, abs=0.15)


def test_a_stored_mp3_length_is_exact(tmp_path: Path) -> None:
    """The header says how much of the last frame is padding."""
    assert length(make(tmp_path / "a.mp3", *SINE, "-c:a", "libmp3lame")) == 2.0


def test_a_recording_that_was_cut_off_is_as_long_as_what_is_left(tmp_path: Path) -> None:
    # 2 seconds, of which the last ones are missing.
    path = make(tmp_path / "a.aac", *SINE, "-c:a", "aac")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert 0.5 < length(path) < 1.5


def test_measuring_ends_at_the_longest_accepted_length(tmp_path: Path) -> None:
    with pytest.raises(TooLong):
        length(make(tmp_path / "a.aac", *SINE, "-c:a", "aac"), max_seconds=1)
