"""Films of what GALA draws by itself over time: countdowns, charts, waveforms."""

from __future__ import annotations

import wave
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
SOUND = {"type": "audio", "src": "burst.wav", "name": "burst", "start": 0.1}
PARAMS: dict[str, Any] = {
    "quality": "production",
    "duration": 2,
    "tracks": [{"clips": [one]} for one in (COUNTDOWN, TURNED, CHART, WAVEFORM, SOUND)],
}


@pytest.fixture(scope="module")
def film(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Frames:
    path = tmp_path_factory.mktemp("sound") / "burst.wav"
    times = np.arange(0, 1.8, 1 / 16_000)
    tone = np.where((times >= BURST[0]) & (times < BURST[1]), np.sin(2 * np.pi * 400 * times), 0)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((tone * 20_000).astype("<i2").tobytes())
    return frames_of(made(engine, PARAMS, path).path("video"))


def seen(film: Frames, channel: int) -> NDArray[np.bool_]:
    """Return where the pixels have more of a channel than of the others."""
    others = [at for at in range(3) if at != channel]
    return film[..., channel] > film[..., others].max(axis=-1).astype(int) + 100


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
