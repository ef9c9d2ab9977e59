"""Volumes that change between keyframes, as the sounds that they are multiplied with."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gala.media import Format
from gala.timeline.compilation.compiler import compile_timeline
from gala.timeline.compilation.layers import CompiledTimeline
from gala.timeline.compilation.sampling import value_at
from gala.timeline.measurements import KnownMeasurements, Media
from gala.timeline.reader import read_timeline
from gala_renderer.probe.media import AudioStream
from gala_renderer.probe.media import Media as Inspected
from gala_renderer.timeline.sounds import heard

SONG = Inspected(
    path=Path("/a.mp3"), demuxer="mp3", seconds=60.0, sound=AudioStream(rate=48_000, channels=2)
)
HOURS_3 = 3 * 60 * 60.0


def film(seconds: float, *keyframes: dict[str, Any], start: float = 0.0) -> CompiledTimeline:
    song = {"type": "audio", "src": "a.mp3", "duration": seconds, "loop": True, "start": start,
            "keyframes": keyframes}  # fmt: skip
    known = KnownMeasurements({"a.mp3": Media(Fraction(60))})
    frame = Format(width=160, height=90, fps=10)
    return compile_timeline(read_timeline({"tracks": [{"clips": [song]}]}), frame, known)


def volumes(film: CompiledTimeline, folder: Path) -> np.ndarray[Any, Any]:
    assert heard(film, {"a.mp3": SONG}, {}, folder) is not None
    (path,) = folder.glob("volume-*.f32")
    both = np.fromfile(path, "<f4").reshape(-1, 2)
    assert np.array_equal(both[:, 0], both[:, 1])
    return both[:, 0]


@pytest.mark.parametrize("easing", ["linear", "ease-in-out", "ease-out-bounce", "step-end"])
def test_a_volume_is_that_of_its_keyframes_at_each_millisecond(tmp_path: Path, easing: str) -> None:
    made = film(
        8,
        {"time": 1, "volume": 0, "easing": easing},
        {"time": 3, "volume": 1, "easing": easing},
        {"time": 3, "volume": 0.5, "easing": easing},
        {"time": "100%", "volume": 0.1},
        start=2,
    )
    found = volumes(made, tmp_path)
    times = np.arange(len(found)) / 1000
    assert len(found) >= 8000
    exact = np.array([value_at(made.layers[0], "volume", 2 + at, 1.0) for at in times])
    # A jump may be a millisecond early or late.
    assert np.mean(np.abs(found - exact) > 0.002) <= 4 / len(found)


def test_volumes_of_hours_take_a_moment(tmp_path: Path) -> None:
    made = film(
        HOURS_3,
        {"time": 0, "volume": 1, "easing": "step-end"},
        {"time": "50%", "volume": 0.2, "easing": "ease"},
        {"time": "100%", "volume": 1},
    )
    begun = time.process_time()
    found = volumes(made, tmp_path)
    assert time.process_time() - begun < 10
    assert len(found) >= HOURS_3 * 1000
    half = int(HOURS_3 * 500)
    assert found[half - 2] == pytest.approx(1)
    assert found[half + 1] == pytest.approx(0.2, abs=1e-4)
    assert np.all(np.diff(found[half + 2 :]) >= -1e-6)
