"""Videos that stand still and go on: each frame is the one that was asked for, in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.clock_video import HEIGHT, RATE, WIDTH, Seen, make_clock_video, watch
from tests.support.engine import EngineHarness
from tests.support.films import sound_of

CLIP = {"type": "video", "src": "clock", "duck_db": 0}
STILL = {"type": "shape", "color": "black", "duration": 1}


def play(engine: EngineHarness, folder: Any, params: dict[str, Any]) -> Any:
    clock = make_clock_video(folder / "clock.mp4")
    return engine.make(
        "timeline", {"quality": "draft", **params}, size=(WIDTH, HEIGHT, RATE), media=[clock]
    )


@pytest.fixture(scope="module")
def film(engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """From 1 to 3 s, standing still at once, at 1.5 s (within a beep), and for long at 2.9 s."""
    freeze = [
        {"time": 2.9, "duration": 1.1},
        {"time": "00:00:01:15", "duration": "00:00:00:20"},
        {"time": 1, "duration": 0.25},
        {"time": 1, "duration": 0.25},
    ]
    params = {"tracks": [{"clips": [{**CLIP, "trim": {"start": 1, "end": 3}, "freeze": freeze}]}]}
    return watch(play(engine, tmp_path_factory.mktemp("freeze"), params).path("video"))


def test_the_picture_stands_still_for_that_long_and_goes_on(film: Seen) -> None:
    expected = (
        [30] * 15 + [*range(30, 45)] + [45] * 20 + [*range(45, 87)] + [87] * 33 + [87, 88, 89]
    )
    assert film.numbers == expected


def test_the_sound_is_silent_meanwhile_and_stays_with_the_picture(film: Seen) -> None:
    # Beeps of 0.1 s at 1.5 and 2.5 s of the file, the first when the second freeze is over.
    assert film.beeps == pytest.approx([0.5 + 0.5 + 20 / 30, 0.5 + 1.5 + 20 / 30], abs=0.03)


def test_a_film_in_parts_stands_still_across_their_joins(
    engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenes = [{"duration": 1}, {"duration": 1, "transition": "none"}, {"duration": 1}]
    clip = {**CLIP, "speed": 2, "freeze": {"time": 1, "duration": 1.8}}
    params = {"scenes": scenes, "tracks": [{"clips": [clip]}]}
    seen = watch(play(engine, tmp_path_factory.mktemp("parts"), params).path("video"))
    expected = [*range(0, 30, 2)] + [30] * 54 + [*range(30, 72, 2)]
    assert seen.numbers == expected


def test_a_freeze_within_a_tone_does_not_click(
    engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clip = {**CLIP, "freeze": {"time": 1.55, "duration": 1}, "trim": {"end": 2}}
    params = {"loudness_lufs": None, "tracks": [{"clips": [clip]}]}
    made = play(engine, tmp_path_factory.mktemp("tone"), params)
    sound, rate = sound_of(made.path("video"))
    quiet = sound[round(1.6 * rate) : round(2.5 * rate)]
    assert np.abs(quiet).max() < 1e-3
    assert np.abs(sound[round(2.56 * rate) : round(2.59 * rate)]).max() > 0.05


def test_two_clips_may_stand_still_at_once_for_equally_long(
    engine: EngineHarness, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clip = {**CLIP, "freeze": {"time": 0, "duration": 0.5}, "trim": {"end": 1}}
    params = {"tracks": [{"clips": [clip, clip]}]}
    seen = watch(play(engine, tmp_path_factory.mktemp("twice"), params).path("video"))
    assert seen.numbers == 2 * ([0] * 15 + [*range(30)])
    assert seen.beeps == pytest.approx([1.0, 2.5], abs=0.03)
