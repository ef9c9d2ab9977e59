"""Films of scenes: their transitions, and the captions over them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.engine import EngineHarness
from tests.support.films import Frames, frames_of, is_near, made, shape, sound_of

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 160, 0)
YELLOW = (255, 0xD6, 0x0A)
SUBTITLES = """1
00:00:00,000 --> 00:00:01,000
Aaaa bbbb

2
00:00:01,500 --> 00:00:02,500
Cc
"""


@pytest.fixture(scope="module")
def path(
    engine: EngineHarness, samples: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Scenes of 1 s in red, blue and green; in a track, two clips in the upper right corner."""
    file = tmp_path_factory.mktemp("subtitles") / "karaoke.srt"
    file.write_text(SUBTITLES)
    corner = {"width": "20%", "height": "20%", "position": "top-right", "duration": 1.5}
    params = {
        "scenes": [
            {"background": "#ff0000", "duration": 1,
             "elements": [{"type": "audio", "src": "song"}]},
            {"background": "#0000ff", "duration": 1, "transition": "wipe-left"},
            {"elements": [shape("#00a000")], "duration": 1,
             "transition": {"type": "push-left", "duration": 0.4}},
        ],
        "tracks": [
            {"clips": [{"type": "caption", "src": "karaoke.srt", "style": "karaoke",
                        "position": "center", "font_size": "15%"}]},
            {"clips": [shape("white", **corner),
                       shape("black", **corner, transition="slide-up")]},
        ],
    }  # fmt: skip
    return made(engine, params, samples("song"), file).path("video")


@pytest.fixture(scope="module")
def film(path: Path) -> Frames:
    return frames_of(path)


def test_scenes_can_change_over_white(engine: EngineHarness) -> None:
    red, blue = ({"background": color, "duration": 1} for color in ("#ff0000", "#0000ff"))
    params = {"scenes": [red, {**blue, "transition": "fade-white"}]}
    film = frames_of(made(engine, params).path("video"))
    assert max(frame[50][50].min() for frame in film) > 200


def test_the_sound_of_a_scene_fades_out_in_the_transition_to_the_next(path: Path) -> None:
    sound, rate = sound_of(path)
    levels = [np.abs(sound[round(at * rate) : round((at + 0.05) * rate)]).max()
              for at in (0.4, 0.7, 0.95, 1.05)]  # fmt: skip
    assert levels[0] > levels[1] > levels[2] > levels[3]
    assert levels[1] / levels[0] == pytest.approx(0.6, abs=0.15)
    assert levels[3] < 0.01


def test_scenes_take_the_places_of_others_by_their_transitions(film: Frames) -> None:
    assert len(film) == 60 - 10 - 8
    rows = film[:, 100]
    # The first transition takes frames 10 to 20: the new scene comes from the right.
    assert [is_near(rows[at][5], RED) for at in (9, 11, 20)] == [True, True, False]
    assert [is_near(rows[at][155], BLUE) for at in (9, 14, 20)] == [False, True, True]
    assert is_near(rows[15][40], RED)
    assert is_near(rows[15][120], BLUE)
    # The second takes frames 22 to 30.
    assert [is_near(rows[at][155], GREEN) for at in (21, 26, 30, 41)] == [False, True, True, True]


def test_a_transition_starts_and_ends_slowly(film: Frames) -> None:
    is_blue = np.abs(film[10:20, 100].astype(int) - BLUE).max(axis=2) < 40
    steps = np.diff(is_blue.sum(axis=1))
    assert steps.min() >= 0
    assert steps[0] < steps[4] > steps[-1]


def test_clips_of_a_track_have_transitions_in_their_place(film: Frames) -> None:
    corner = film[:, 2:22, 140]
    # Frames 20 to 30; the new clip comes from below.
    assert corner[19].min() > 240
    assert corner[25][:6].min() > 200
    assert corner[25][-6:].max() < 40
    assert corner[31].max() < 20
    assert is_near(film[25][40, 140], GREEN)


def test_captions_of_a_file_are_sung_word_by_word(film: Frames) -> None:
    def sung(frame: Frames) -> tuple[int, int]:
        near = np.abs(frame[30:90].astype(int) - YELLOW).max(axis=2) < 50
        white = (frame[30:90] > 215).all(axis=2)
        return int(near.sum()), int(white.sum())

    first, second, none, third = (sung(film[at]) for at in (4, 16, 26, 35))
    assert min(first) > 20
    assert second[0] > 1.5 * first[0]
    assert second[1] < first[1] / 3
    assert none == (0, 0)
    assert third[0] > 20


def test_captions_show_the_words_of_a_voice_when_they_are_spoken(engine: EngineHarness) -> None:
    params = {
        "voice": {"engine": "espeak", "voice": "en-us"},
        "captions": {"style": "word", "font_size": "20%", "color": "#ffffff"},
        "scenes": [{"background": "#ff0000", "duration": 0.5},
                   {"voice": "Seven eight.", "background": "#0000ff"}],
    }  # fmt: skip
    frames = frames_of(made(engine, params).path("video"))
    assert (frames[:10] > 215).all(axis=3).sum() == 0
    words = [(frame > 215).all(axis=2) for frame in frames[10:]]
    shown = [one for one in words if one.sum() > 40]
    assert len(shown) >= 8
    changed = [int((a != b).sum()) for a, b in pairwise(shown)]
    assert max(changed) > 60
    assert sorted(changed)[-2] < 30


@pytest.mark.parametrize(
    ("name", "new", "old"),
    [
        ("push-up", (110, 80), (10, 80)),
        ("push-down", (10, 80), (110, 80)),
        ("circle-close", (4, 4), (60, 80)),
        ("clock", (20, 110), (20, 50)),
    ],
)
def test_where_the_next_scene_is_seen_first(
    engine: EngineHarness, name: str, new: tuple[int, int], old: tuple[int, int]
) -> None:
    scenes: list[dict[str, Any]] = [
        {"background": "#ff0000", "duration": 0.6},
        {"background": "#0000ff", "duration": 0.6, "transition": {"type": name, "duration": 0.5}},
    ]
    # The transition takes frames 2 to 12.
    frame = frames_of(made(engine, {"scenes": scenes}).path("video"))[7]
    assert is_near(frame[new], (0, 0, 255), 40)
    assert is_near(frame[old], (255, 0, 0), 40)
