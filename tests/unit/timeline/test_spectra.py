"""What waveforms show of a sound."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from gala_renderer.timeline.spectra import RATE, Samples, band_levels, outline

TIMES = np.arange(2 * RATE) / RATE


def tone(pitch: float) -> Samples:
    return np.asarray(0.3 * np.sin(2 * np.pi * pitch * TIMES), np.float32)


def test_silence_and_quiet_noise_are_not_seen() -> None:
    noise = np.random.default_rng(1).normal(0, 1e-5, 2 * RATE).astype(np.float32)
    for sound in (np.zeros(2 * RATE, np.float32), noise):
        assert band_levels(sound, 60, 30, 16, 0.5).max() < 0.05


@pytest.mark.parametrize("pitch", [200, 800, 3000])
def test_a_tone_moves_the_bars_of_its_pitch(pitch: float) -> None:
    levels = band_levels(tone(pitch), 60, 30, 16, 0.0)
    centers = np.geomspace(140, 6000, 16)
    assert abs(int(np.argmax(levels[30])) - int(np.argmin(np.abs(centers - pitch)))) <= 1
    assert levels[30].max() > 0.85


def test_bars_rise_within_a_frame_and_fall_as_slowly_as_is_wanted() -> None:
    sound = np.where(TIMES < 1, tone(800), 0).astype(np.float32)
    quick, slow = (band_levels(sound, 60, 30, 16, one).max(axis=1) for one in (0.0, 1.0))
    assert quick[0] > 0.9
    assert quick[33] < 0.05
    assert 0.4 < slow[33] < 0.95


def test_a_sound_that_is_longer_than_the_frames_and_shorter_ones_are_shown() -> None:
    assert band_levels(tone(800)[:100], 90, 30, 16, 0.5).shape == (90, 16)
    assert band_levels(np.zeros(0, np.float32), 3, 30, 16, 0.5).shape == (3, 16)


def test_an_outline_has_the_loudness_of_each_part() -> None:
    sound = np.concatenate([tone(500)[: RATE // 2], 0.5 * tone(500)[: RATE // 2]])
    levels = outline(sound.astype(np.float32), 4)
    assert levels[:2] == pytest.approx(1, abs=0.02)
    assert levels[2:] == pytest.approx(0.5**0.8, abs=0.02)


def test_a_long_sound_stays_in_its_file(tmp_path: Path) -> None:
    path, seconds = tmp_path / "sound.f32", 600
    with path.open("wb") as file:
        for _ in range(seconds // 2):
            file.write(tone(800).astype("<f4").tobytes())
    samples: Samples = np.memmap(path, "<f4", "r")
    tracemalloc.start()
    levels = band_levels(samples, 5 * seconds, 5, 16, 0.5)
    outline(samples, 60)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert levels[-2].max() > 0.85
    assert most < samples.nbytes / 2
