"""The sound of each speaker of a recording, in blocks."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from gala_renderer.avatars.performance import own_sound
from gala_renderer.avatars.voicing import PresenterTurn
from gala_renderer.speech.words import Word
from gala_renderer.transcription.pcm import RATE

SECONDS = 130
"""More than two blocks."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "recording.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(np.full(SECONDS * RATE, 16384, "<i2").tobytes())
    return path


def turn(speaker: int, start: float, end: float) -> PresenterTurn:
    return PresenterTurn(speaker, (Word("word", start, end),))


def heard(recording: Path, turns: list[PresenterTurn], speaker: int) -> list[tuple[float, float]]:
    """Return from when to when a speaker is heard, in seconds."""
    samples = np.concatenate(list(own_sound(recording, SECONDS, turns, speaker)))
    assert len(samples) == SECONDS * RATE
    edges = np.flatnonzero(np.diff(np.concatenate(([0], samples > 0.4, [0])).astype(int))) / RATE
    return [(round(start, 2), round(end, 2)) for start, end in edges.reshape(-1, 2).tolist()]


def test_each_speaker_is_heard_in_the_own_turns_and_a_little_around(recording: Path) -> None:
    turns = [turn(0, 0.1, 2), turn(1, 30, 31), turn(0, 59.5, 60.5), turn(1, 121, 122)]
    assert heard(recording, turns, 0) == [(0.0, 2.25), (59.25, 60.75)]
    assert heard(recording, turns, 1) == [(29.75, 31.25), (120.75, 122.25)]
    assert heard(recording, turns, 2) == []


def test_who_speaks_alone_is_heard_all_the_time(recording: Path) -> None:
    assert heard(recording, [turn(0, 1, 2)], 0) == [(0.0, SECONDS)]
