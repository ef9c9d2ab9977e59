"""Films of what GALA draws by itself over time: countdowns, charts, waveforms, animations."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.engine import EngineHarness
from tests.support.films import Frames, frames_of, made

COUNTDOWN = {
    "type": "countdown", "from": 2, "end_text": "I", "start": 0.5, "font_size": "30%", "bold": True,
    "color": "#ff0000", "x": "25%", "y": "50%",
}  # fmt: skip
TURNED = {**COUNTDOWN, "color": "#0000ff", "x": "75%", "rotation": 180, "format": "m:ss"}
CHART = {
    "type": "chart", "values": [2, 1, 0], "color": "#00ff00", "track_color": "#000000", "grow": 1,
    "stagger": 0, "easing": "linear", "show_values": False, "radius": "0%", "start": 0.5,
    "width": "100%", "height": "20%", "position": "bottom", "margin": "5%",
}  # fmt: skip
BURST = (0.7, 1.2)
"""Seconds of the sound in which a tone is heard."""
WAVEFORM = {
    "type": "waveform", "of": "burst", "bars": 8, "gap": 0, "color": "#ffffff", "smoothing": 0.1,
    "width": "100%", "height": "20%", "position": "top",  "margin": "0%", "direction": "up",
}  # fmt: skip
LOTTIE = {
    "type": "lottie", "src": "square.json", "width": "15%", "x": "50%", "y": "95%", "start": 0.5,
    "loop": True, "duration": 1.2,
}  # fmt: skip


def square(folder: Path) -> Path:
    """Write an animation of half a second in which a white square goes from left to right."""
    still = {name: {"a": 0, "k": value} for name, value in
             {"o": 100, "r": 0, "a": [0, 0], "s": [100, 100]}.items()}  # fmt: skip
    place = {"a": 1, "k": [{"t": 0, "s": [10, 10], "i": {"x": 1, "y": 1}, "o": {"x": 0, "y": 0}},
                           {"t": 10, "s": [30, 10]}]}  # fmt: skip
    items = [
        {
            "ty": "rc",
            "p": {"a": 0, "k": [0, 0]},
            "s": {"a": 0, "k": [10, 10]},
            "r": {"a": 0, "k": 0},
        },
        {"ty": "fl", "c": {"a": 0, "k": [1, 1, 1]}, "o": {"a": 0, "k": 100}},
        {"ty": "tr", "p": {"a": 0, "k": [0, 0]}, **still},
    ]
    layer = {"ty": 4, "ip": 0, "op": 10, "st": 0, "ks": {"p": place, **still},
             "shapes": [{"ty": "gr", "it": items}]}  # fmt: skip
    path = folder / "square.json"
    path.write_text(json.dumps({"v": "5.7", "w": 40, "h": 20, "fr": 20, "ip": 0, "op": 10,
                                "layers": [layer]}))  # fmt: skip
    return path


SOUND = {"type": "audio", "src": "burst.wav", "name": "burst", "start": 0.1}
PARAMS: dict[str, Any] = {
    "quality": "production",
    "duration": 2,
    "tracks": [{"clips": [one]} for one in (COUNTDOWN, TURNED, CHART, WAVEFORM, SOUND, LOTTIE)],
}


@pytest.fixture(scope="module")
def film(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    path = tmp_path_factory.mktemp("sound") / "burst.wav"
    times = np.arange(0, 1.8, 1 / 16_000)
    tone = np.where((times >= BURST[0]) & (times < BURST[1]), np.sin(2 * np.pi * 400 * times), 0)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((tone * 20_000).astype("<i2").tobytes())
    return frames_of(made(engine, PARAMS, path, square(path.parent)).path("video"))


def seen(film: Frames, channel: int) -> NDArray[np.bool_]:
    """Return where the pixels have more of a channel than of the others."""
    others = [at for at in range(3) if at != channel]
    return film[..., channel] > film[..., others].max(axis=-1).astype(int) + 100


def test_an_animation_plays_at_its_speed_and_repeats(film: Frames) -> None:
    # 24 x 12 pixels about 80, 114: a square of 6 goes from 74 to 86 in half a second.
    white = film[:, 108:120, 60:100].min(axis=-1) > 150
    assert not white[[8, 36]].any()
    for frame in range(11, 32):
        columns = np.flatnonzero(white[frame].any(axis=0))
        middle = 60 + (columns.min() + columns.max() + 1) / 2
        assert middle == pytest.approx(74 + 1.2 * ((frame - 10) % 10), abs=1.5), frame


def test_bars_of_a_sound_rise_in_the_frames_in_which_it_is_heard(film: Frames) -> None:
    heights = (film[:, :24].min(axis=-1) > 128).sum(axis=1).max(axis=1)
    loud = np.flatnonzero(heights > 12)
    # The sound begins 0.1 seconds after the film; its window is 64 milliseconds.
    assert (loud.min(), loud.max()) == pytest.approx((16, 26), abs=1), heights
    assert heights[10] < 12


def test_bars_grow_by_parts_of_a_pixel_to_the_parts_of_the_largest_value(film: Frames) -> None:
    rows = film[..., 1][:, [93, 101]].astype(float).sum(axis=2) / 255
    assert rows[10].max() < 1
    for frame in range(11, 30):
        assert rows[frame] == pytest.approx([(frame - 10) * 8, (frame - 10) * 4], abs=2)
    assert rows[32] == pytest.approx([160, 80], abs=2)
    assert seen(film[32], 1)[105:].sum() == 0


def test_a_countdown_changes_at_its_seconds_only(film: Frames) -> None:
    for channel in (0, 2):
        shown = seen(film, channel)
        changes = np.flatnonzero((shown[1:] != shown[:-1]).sum(axis=(1, 2)) > 10) + 1
        assert changes.tolist() == [10, 30]


def test_a_countdown_that_is_turned_shows_the_same_number(film: Frames) -> None:
    upright, turned = seen(film[20], 0), seen(film[20], 2)
    rows, columns = np.nonzero(upright)
    assert 30 < rows.min() < rows.max() < 90
    assert 20 < columns.min() < columns.max() < 60
    last = turned[::-1, ::-1]
    rows_again, columns_again = np.nonzero(last[:, :40])
    # "0:02" ends with the same digit.
    assert np.ptp(rows_again) == pytest.approx(np.ptp(rows), abs=3)
    assert len(columns_again)
