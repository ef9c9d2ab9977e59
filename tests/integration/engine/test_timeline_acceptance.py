"""Whole compositions as people write them: the films show and say what they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import EngineHarness
from tests.support.films import SIZE, Frames, edges, frames_of, is_near, made, shape, sound_of

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 255)
RATE = SIZE[2]
FIRST, SECOND = "Morning.", "Hello."
CORNER = {"width": "20%", "height": "20%"}


def test_two_voices_speak_in_turn_each_with_its_picture_and_words(engine: EngineHarness) -> None:
    voices = [{"engine": "espeak", "voice": name} for name in ("en-us", "en-gb-scotland")]
    params = {
        "subtitles": True,
        "scenes": [
            {"voice": {"text": FIRST, **voices[0]}, "background": "#ff0000"},
            {"voice": {"text": SECOND, **voices[1]}, "background": "#0000ff"},
        ],
    }
    result = made(engine, params)
    assert [one.voice for one in result.outputs["video"].speech] == ["en-us", "en-gb-scotland"]
    film, (sound, rate) = frames_of(result.path("video")), sound_of(result.path("video"))
    change = next(at for at, frame in enumerate(film) if is_near(frame[60, 80], BLUE))
    assert 5 < change < len(film) - 5
    assert all(is_near(frame[60, 80], RED) for frame in film[:change])
    cut = round(change / RATE * rate)
    assert min(np.abs(sound[:cut]).max(), np.abs(sound[cut:]).max()) > 0.1
    shown = result.path("captions").read_text()
    assert shown.index(FIRST) < shown.index(SECOND)
    begins = shown[: shown.index(SECOND)].rstrip().splitlines()[-1].partition(" ")[0]
    assert abs(float(begins.rpartition(":")[2]) - change / RATE) < 0.3


def test_elements_follow_one_another_across_tracks_to_the_end(engine: EngineHarness) -> None:
    after = {"start": {"after": "first"}, "duration": "end"}
    along = {"start": {"with": "second", "offset": 0.2}, "duration": {"until": "second"}}
    params = {
        "tracks": [
            {"clips": [shape("#ff0000", name="first", duration=0.5),
                       shape("#00a000", name="second", duration=0.6),
                       shape("#0000ff", duration=0.4)]},
            {"clips": [shape("white", position="top-left", **CORNER, **after)]},
            {"clips": [shape("black", position="bottom-right", **CORNER, **along)]},
        ]
    }  # fmt: skip
    film = frames_of(made(engine, params).path("video"))
    assert len(film) == 30
    colors = [film[at][60, 80] for at in (0, 9, 10, 21, 22, 29)]
    wanted = (RED, RED, GREEN, GREEN, BLUE, BLUE)
    assert all(is_near(seen, color) for seen, color in zip(colors, wanted, strict=True))
    assert _frames_with(film[:, 12, 16], WHITE) == list(range(10, 30))
    assert _frames_with(film[:, 108, 144], (0, 0, 0)) == list(range(14, 22))


def _frames_with(pixels: Frames, color: tuple[int, int, int]) -> list[int]:
    return [at for at, pixel in enumerate(pixels) if is_near(pixel, color, 25)]


@pytest.fixture(scope="module")
def poster() -> dict[str, Any]:
    """A title in the middle, and a badge in a corner: sizes and places in per cent only."""
    title = {"type": "text", "text": "One film", "font_size": "14%", "width": "90%"}
    badge = shape("#ff0000", width="20%", height="10%", position="bottom-right", margin="5%")
    return {"quality": "draft", "background": "#0000ff", "duration": 0.2,
            "tracks": [{"clips": [title]}, {"clips": [badge]}]}  # fmt: skip


@pytest.mark.parametrize("size", [(108, 192), (144, 144), (192, 108)])
def test_one_composition_fits_upright_square_and_wide_frames(
    engine: EngineHarness, poster: dict[str, Any], size: tuple[int, int]
) -> None:
    width, height = size
    path: Path = engine.make("timeline", poster, size=(width, height, 10)).path("video")
    frame = frames_of(path)[0]
    assert frame.shape == (height, width, 3)
    safe = 0.05 * min(size)
    badge = edges(frame, RED)
    wanted = (0.8 * width - safe, 0.9 * height - safe, width - safe, height - safe)
    assert np.abs(np.subtract(badge, wanted)).max() <= 3
    left, top, right, bottom = edges(frame, WHITE)
    # The letters are parts of the shorter side, in the middle, and nothing is cut off.
    assert 0.05 < (bottom - top) / min(size) < 0.4
    assert abs((left + right) / 2 - width / 2) <= 3
    assert abs((top + bottom) / 2 - height / 2) <= 0.06 * height
    assert left > safe
