"""Clips are joined without clicks or drift, and copied if their parameters are equal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.media_probe import RATE, frames, psnr, samples

WIDTH, HEIGHT, FPS = 160, 90, 30
HERTZ = 330
"""Half a second holds 165 whole waves, so that repeated clips stay in phase."""
X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast")


def clip(path: Path, *options: str, seconds: float = 0.5, pictures: str = "testsrc2=") -> Path:
    drawn = f"{pictures}s={WIDTH}x{HEIGHT}:r={FPS}:d={seconds}"
    tone = f"sine=f={HERTZ}:r=48000:d={seconds}"
    return make(path, "-f", "lavfi", "-i", drawn, "-f", "lavfi", "-i", tone, *options)


def probe(engine: EngineHarness, path: Path) -> Any:
    return json.loads(engine.make("probe", media=path).path("info").read_text())


def test_fifty_equal_clips_are_copied_without_a_click_or_drift(
    engine: EngineHarness, tmp_path: Path
) -> None:
    one = clip(tmp_path / "one.mov", *X264, "-c:a", "pcm_s16le")
    made = engine.make("concatenate", {}, clips=[one] * 50)
    path = made.path("video")

    got, source = frames(path, WIDTH, HEIGHT), frames(one, WIDTH, HEIGHT)
    assert len(got) == 50 * 15
    assert all(psnr(got[at], source[at % 15]) == 99 for at in range(len(got)))

    sound = samples(path)
    assert len(sound) == pytest.approx(25 * RATE, abs=RATE // 1000)
    # A pure tone is smooth: a click would show in its second differences.
    steady = sound[RATE : 24 * RATE].astype(np.float64)
    bends = np.abs(np.diff(steady, 2))
    seams = [int(at * RATE / 2) - RATE for at in range(3, 47)]
    near = max(bends[at - 60 : at + 60].max() for at in seams)
    far = max(bends[at + 6000 : at + 18000].max() for at in seams)
    assert near <= 1.1 * far
    # The last waves are where 25 seconds of the same tone would have them.
    last = sound[24 * RATE : 24 * RATE + RATE // 2].astype(np.float64)
    waves = np.exp(-2j * np.pi * HERTZ * np.arange(len(last)) / RATE)
    first = sound[RATE : RATE + RATE // 2].astype(np.float64)
    turned = np.angle((last @ waves) / (first @ waves))
    assert abs(turned) / (2 * np.pi * HERTZ) * RATE < 1  # less than a sample


def test_clips_that_differ_are_brought_to_the_first_ones_canvas(
    engine: EngineHarness, tmp_path: Path
) -> None:
    first = clip(tmp_path / "first.mp4", *X264, "-c:a", "aac", seconds=1)
    small = "testsrc=s=60x90:r=10:d=1"
    silent = make(tmp_path / "silent.webm", "-f", "lavfi", "-i", small, "-c:v", "libvpx")
    surround = make(
        tmp_path / "surround.mp4",
        *("-f", "lavfi", "-i", f"mandelbrot=s=320x180:r={FPS}", "-f", "lavfi", "-i"),
        *(f"sine=f={HERTZ}:r=44100,pan=5.1|FL=0.5*c0|FR=0.5*c0|FC=0.3*c0", "-t", "1"),
        *(*X264, "-c:a", "aac"),
    )
    made = engine.make("concatenate", {}, clips=[first, silent, surround])
    told = probe(engine, made.path("video"))
    assert (told["width"], told["height"], told["fps"]) == (WIDTH, HEIGHT, "30")
    assert told["duration"] == pytest.approx(3.0, abs=0.05)
    assert (told["channels"], told["sample_rate"]) == (2, "48000")
    got = frames(made.path("video"), WIDTH, HEIGHT)
    assert len(got) == 90
    # The second clip is narrow: black bars at the sides.
    assert got[45][:, :40].max() < 24
    assert got[45][:, 60:100].max() > 100
    sound = samples(made.path("video"))
    middle = sound[round(1.1 * RATE) : round(1.9 * RATE)]
    assert np.abs(middle).max() < 0.001
    assert np.abs(sound[: RATE - 4800]).max() > 0.05
    assert np.abs(sound[2 * RATE + 4800 :]).max() > 0.05


def test_a_request_may_name_the_canvas(
    engine: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = engine.make(
        "concatenate",
        {"fit": "blur", "still_seconds": 0.5},
        size=(90, 160, 24),
        clips=[samples("video"), samples("picture"), samples("other_video")],
    )
    told = probe(engine, made.path("video"))
    assert (told["width"], told["height"], told["fps"]) == (90, 160, "24")
    assert told["duration"] == pytest.approx(3 + 0.5 + 2, abs=0.1)


@pytest.mark.parametrize("transition", ["crossfade", "fade-black", "slide", "wipe"])
def test_transitions_overlap_the_clips(
    engine: EngineHarness, tmp_path: Path, transition: str
) -> None:
    dark = clip(tmp_path / "dark.mp4", *X264, seconds=1, pictures="color=c=0x202020:")
    light = clip(tmp_path / "light.mp4", *X264, seconds=1, pictures="color=c=0xe0e0e0:")
    params = {"transition": transition, "transition_seconds": 0.4}
    made = engine.make("concatenate", params, clips=[dark, light, dark])
    got = frames(made.path("video"), WIDTH, HEIGHT)
    assert len(got) == 90 - 2 * 12
    means = got.mean(axis=(1, 2))
    assert means[:18].max() < 40
    assert means[31:35].min() > 200
    assert means[49:].max() < 40
    if transition != "fade-black":
        assert np.all(np.diff(means[18:30]) >= -1)
    sound = samples(made.path("video"))
    assert len(sound) == pytest.approx(len(got) * RATE / FPS, abs=RATE // 1000)


def test_a_transition_takes_at_most_half_of_the_shortest_clip(
    engine: EngineHarness, tmp_path: Path
) -> None:
    short = clip(tmp_path / "short.mp4", *X264, seconds=0.2)
    params = {"transition": "crossfade", "transition_seconds": 3}
    made = engine.make("concatenate", params, clips=[short, short])
    assert len(frames(made.path("video"), WIDTH, HEIGHT)) == 9


def test_one_clip_stays_as_it_is(engine: EngineHarness, tmp_path: Path) -> None:
    one = clip(tmp_path / "one.mp4", *X264, "-c:a", "aac")
    made = engine.make("concatenate", {"transition": "slide"}, clips=[one])
    got, source = frames(made.path("video"), WIDTH, HEIGHT), frames(one, WIDTH, HEIGHT)
    assert all(psnr(a, b) == 99 for a, b in zip(got, source, strict=True))


@pytest.mark.parametrize("params", [{}, {"transition": "crossfade", "transition_seconds": 0.2}])
@pytest.mark.parametrize("still", [False, True])
def test_several_silent_clips_are_joined_with_one_that_has_sound(
    engine: EngineHarness, tmp_path: Path, params: dict[str, Any], still: bool
) -> None:
    loud = clip(tmp_path / "loud.mp4", *X264)
    silent = make(
        tmp_path / ("picture.png" if still else "silent.mp4"),
        *("-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r={FPS}:d=0.5"),
        *(("-frames:v", "1") if still else X264),
    )
    made = engine.make(
        "concatenate", {"still_seconds": 0.5, **params}, clips=[silent, loud, silent, silent]
    )
    shown = frames(made.path("video"), WIDTH, HEIGHT)
    assert len(shown) == (60 if not params else 60 - 3 * 6)
    heard, middle = samples(made.path("video")), 0.75 if not params else 0.55
    assert len(heard) == pytest.approx(len(shown) * RATE / FPS, abs=RATE // 1000)
    at = round(middle * RATE)
    assert rms_of(heard[at - 480 : at + 480]) > 0.01
    assert rms_of(heard[: round(0.25 * RATE)]) < 0.001
    assert rms_of(heard[-round(0.25 * RATE) :]) < 0.001


def rms_of(sound: Any) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))
