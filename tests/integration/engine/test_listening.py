"""Speech by Kokoro, heard by Whisper base and rated by DNSMOS, with their published weights.

A small part of ``run.py bench voice-quality``.
"""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.voice_quality import dnsmos
from bench.voice_quality.dnsmos import Dnsmos
from bench.voice_quality.report import MOS_AIM
from bench.voice_quality.sound import resampled, sound_facts
from gala.render_types.params.voice import USUAL_LUFS
from tests.support.engine import EngineHarness, Made
from tests.support.real_weights import PULL_SECONDS, PulledWeights

pytestmark = [pytest.mark.slow, pytest.mark.timeout(PULL_SECONDS)]

TEXTS = {
    "en": "This morning my sister opened the window and looked at the garden.",
    "es": "Esta tarde vamos a comprar pan y fruta en el mercado.",
}
RATE = 24_000


@dataclass(frozen=True)
class Said:
    """A spoken sentence and its words with times, as the engine gave them."""

    path: Path
    words: list[dict[str, Any]]

    @property
    def samples(self) -> NDArray[np.int16]:
        with wave.open(str(self.path)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")


@pytest.fixture(scope="module")
def harness(
    real_weights: PulledWeights, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineHarness]:
    weights = real_weights("kokoro", "whisper:base")
    harness = EngineHarness(
        tmp_path_factory.mktemp("listening"), gala_weights_dir=weights, whisper_compute_type="int8"
    )
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def said(harness: EngineHarness) -> dict[str, Said]:
    """The sentences by language, spoken by the best engine that is installed."""
    made = {
        language: harness.make("tts", {"text": text, "language": language})
        for language, text in TEXTS.items()
    }
    return {
        language: Said(one.path("audio"), json.loads(one.path("words").read_text()))
        for language, one in made.items()
    }


def heard(made: Made) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.path("words").read_text())
    return found


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def recording(path: Path, *parts: NDArray[Any]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
    return path


def silence(seconds: float) -> NDArray[np.int16]:
    return np.zeros(round(seconds * RATE), np.int16)


def noise(seconds: float, level: float) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, level, round(seconds * RATE))


def chords(seconds: float) -> NDArray[np.float64]:
    times = np.arange(round(seconds * RATE)) / RATE
    notes = [np.sin(2 * np.pi * pitch * times) for pitch in (220, 262, 330)]
    return 3000 * sum(notes) * np.exp(-2 * (times % 0.5))


@pytest.mark.parametrize("language", TEXTS)
def test_every_word_is_heard_at_its_time_and_the_language_is_found(
    harness: EngineHarness, said: dict[str, Said], language: str
) -> None:
    made = harness.make("transcribe", audio=said[language].path)
    found = heard(made)
    assert words(found["text"]) == words(TEXTS[language])
    assert (found["model"], found["language"]) == ("base", language)
    assert found["language_probability"] > 0.8
    for word, spoken in zip(found["words"], said[language].words, strict=True):
        assert word["start_ts"] == pytest.approx(spoken["start_ts"], abs=0.4)
    assert made.path("captions").read_text().startswith("WEBVTT\n")


def test_the_default_voices_sound_as_good_as_promised(
    real_weights: PulledWeights, said: dict[str, Said], tmp_path: Path
) -> None:
    rater = Dnsmos(real_weights("dnsmos"))
    both = [
        resampled(one.path, tmp_path / f"{language}.wav", dnsmos.RATE)
        for language, one in said.items()
    ]
    assert rater.overall(np.concatenate(both)) >= MOS_AIM
    for one in said.values():
        facts = sound_facts(one.path)
        assert facts.lufs == pytest.approx(USUAL_LUFS, abs=0.5)
        assert (facts.true_peak <= -1, facts.clipped, facts.silence < 0.5) == (True, 0, True)


@pytest.mark.parametrize(
    "sound",
    [silence(10), noise(10, 300), chords(10), np.concatenate([noise(5, 40), silence(5)])],
    ids=["silence", "noise", "music", "hiss"],
)
def test_where_nobody_speaks_no_text_is_invented(
    harness: EngineHarness, sound: NDArray[Any], tmp_path: Path
) -> None:
    found = heard(harness.make("transcribe", audio=recording(tmp_path / "a.wav", sound)))
    assert (found["text"], found["words"], found["language"]) == ("", [], None)


def test_silence_and_noise_around_speech_add_no_words_and_move_no_times(
    harness: EngineHarness, said: dict[str, Said], tmp_path: Path
) -> None:
    before, after = noise(6, 30), silence(20)
    path = recording(tmp_path / "a.wav", before, said["es"].samples, after)
    found = heard(harness.make("transcribe", audio=path))
    assert words(found["text"]) == words(TEXTS["es"])
    first = said["es"].words[0]["start_ts"]
    assert found["words"][0]["start_ts"] == pytest.approx(6 + first, abs=0.4)


def test_a_model_that_is_not_installed_is_refused_with_those_that_are(
    harness: EngineHarness, said: dict[str, Said]
) -> None:
    made = harness.make("transcribe", {"model": "large-v3"}, audio=said["en"].path)
    assert "params.model" in made.error.message
    assert "base" in made.error.message
    assert "gala weights pull whisper:large-v3" in made.error.message
