"""``ambient_video``: every frame of the clip in order, and the sound for the whole length."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy
import pytest

from gala.errors import InvalidRequest
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.media_probe import level_db, read_frames, read_samples

FAST = {"quality": "draft"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """0.5 seconds at 12 frames per second, each lighter than the one before."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    light = "color=black:s=64x48:r=12:d=0.5,format=yuv420p,geq=lum='40+30*N':cb=128:cr=128"
    return make(path, "-f", "lavfi", "-i", light, "-c:v", "libx264", "-qp", "4",
                "-colorspace", "bt709")  # fmt: skip


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "music.wav"
    return make(path, "-f", "lavfi", "-i", "sine=440:d=0.7,volume=4")


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spoken part: 0.3 seconds of a louder tone."""
    path = tmp_path_factory.mktemp("word") / "word.wav"
    return make(path, "-f", "lavfi", "-i", "sine=900:d=0.3,volume=7")


def test_the_clip_is_repeated_under_music_to_the_very_length(
    engine: EngineHarness, clip: Path, music: Path
) -> None:
    params = {"duration": "0:05.25", "width": 128, "height": 72, "music_fade": 0.2, **FAST}
    made = engine.make("ambient_video", params, video=clip, music=music)
    times, frames = read_frames(made.path("video"))
    assert frames[0].shape[:2] == (72, 128)
    assert len(times) == 63
    gaps = [float(after - before) for before, after in pairwise(times)]
    assert gaps == pytest.approx([1 / 12] * 62, abs=1e-4)
    shades = [round(float(frame.mean())) for frame in frames]
    assert shades == pytest.approx([shades[index % 6] for index in range(63)], abs=2)
    assert shades[:6] == sorted(set(shades[:6]))
    rate, samples = read_samples(made.path("video"))
    assert samples.shape[1] / rate == pytest.approx(5.25, abs=0.03)
    levels = [
        level_db(samples[:, at : at + rate // 4]) for at in range(rate // 4, rate * 5, rate // 4)
    ]
    assert max(levels) - min(levels) < 1.5, "the music does not pause where it begins again"
    assert made.fractions == sorted(made.fractions)


def test_spoken_parts_follow_each_other_with_pauses(
    engine: EngineHarness, clip: Path, word: Path
) -> None:
    params = {"duration": 2, "dialogue_pause": 0.4, **FAST}
    made = engine.make("ambient_video", params, video=clip, dialogue=[word, word])
    rate, samples = read_samples(made.path("video"))
    loud = [
        level_db(samples[:, at : at + rate // 20]) > -40 for at in range(0, 2 * rate, rate // 20)
    ]
    expected = [True] * 6 + [False] * 8 + [True] * 6 + [False] * 20
    assert numpy.mean([a == b for a, b in zip(loud, expected, strict=False)]) > 0.9


def test_three_spoken_parts_have_a_pause_between_each_two(
    engine: EngineHarness, clip: Path, word: Path
) -> None:
    params = {"duration": 2, "dialogue_pause": 0.3, **FAST}
    made = engine.make("ambient_video", params, video=clip, dialogue=[word, word, word])
    rate, samples = read_samples(made.path("video"))
    loud = [
        level_db(samples[:, at : at + rate // 20]) > -40 for at in range(0, 2 * rate, rate // 20)
    ]
    expected = [*(([True] * 6 + [False] * 6) * 3), *[False] * 4]
    assert numpy.mean([a == b for a, b in zip(loud, expected, strict=False)]) > 0.9


def test_an_ambient_video_needs_a_sound(engine: EngineHarness, clip: Path) -> None:
    with pytest.raises(InvalidRequest, match="music or dialogue") as refusal:
        engine.make("ambient_video", {"duration": 2}, video=clip)
    assert refusal.value.details["field"] == "inputs.music_asset_id"


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"duration": 2, "width": 64}, "both of them"),
        ({"duration": 0}, "0.1 to 14400"),
        ({"duration": "5:00:00"}, "0.1 to 14400"),
        ({"duration": 2, "width": 63, "height": 36}, "width"),
        ({}, "duration"),
    ],
)
def test_a_bad_length_or_size_is_refused(
    engine: EngineHarness, clip: Path, music: Path, params: dict[str, object], says: str
) -> None:
    with pytest.raises(InvalidRequest, match=says):
        engine.make("ambient_video", params, video=clip, music=music)
