"""The workarounds for Chatterbox: short chunks, trimmed ends, the right voice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gala_renderer.speech.chatterbox.synthesizer import (
    MOST_CHARACTERS,
    GenerationParams,
    NeedsSample,
    VoiceCloner,
    pcm,
    trimmed,
)

RATE = 24_000
LONG = " ".join(f"This is sentence number {number}, and it has a clause." for number in range(30))


class Tensor:
    """The part of a tensor's interface that is used."""

    def __init__(self, values: Any):
        self._values = np.asarray(values, np.float32)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self._values


class Model:
    """A fake model that returns 0.1 s of sound for each text."""

    sr = RATE

    def __init__(self, conds: Any = "own"):
        self.conds = conds
        self.said: list[tuple[str, Any]] = []
        self.prepared: list[str] = []

    def prepare_conditionals(self, wav_fpath: str, exaggeration: float = 0.5) -> None:
        self.prepared.append(wav_fpath)
        self.conds = wav_fpath

    def generate(self, text: str, **manner: float) -> Tensor:
        self.said.append((text, self.conds))
        return Tensor(np.full((1, RATE // 10), 0.5))


def test_a_chunk_is_never_longer_than_the_model_bears() -> None:
    model = Model()
    list(VoiceCloner(model).speak(LONG, GenerationParams(), most=5000))
    texts = [text for text, _ in model.said]
    assert max(map(len, texts)) <= MOST_CHARACTERS
    assert " ".join(texts) == LONG
    assert all(text.endswith(".") for text in texts)


def test_a_smaller_chunk_is_cut_at_clauses_and_words() -> None:
    model = Model()
    list(
        VoiceCloner(model).speak(
            "One two three, four five six seven eight", GenerationParams(), most=20
        )
    )
    assert [text for text, _ in model.said] == ["One two three,", "four five six seven", "eight"]


def test_a_word_without_end_is_cut_too() -> None:
    model = Model()
    list(VoiceCloner(model).speak("a" * 1000, GenerationParams()))
    assert [len(text) for text, _ in model.said] == [280, 280, 280, 160]


def test_there_is_silence_between_chunks_and_none_at_the_ends() -> None:
    made = list(VoiceCloner(Model()).speak("One. Two.", GenerationParams(), most=4, silence=0.25))
    assert [len(chunk.samples) for chunk in made] == [RATE // 10, RATE // 10 + RATE // 4]
    assert not made[1].samples[: RATE // 4].any()
    assert [chunk.done for chunk in made] == [0.5, 1.0]


def test_a_sample_is_taken_once_and_the_next_speaker_gets_the_own_voice_back() -> None:
    model = Model()
    cloner = VoiceCloner(model)
    list(cloner.speak("One. Two.", GenerationParams(), sample=Path("a.wav"), most=4))
    list(cloner.speak("Three.", GenerationParams()))
    assert model.prepared == ["a.wav"]
    assert model.said == [("One.", "a.wav"), ("Two.", "a.wav"), ("Three.", "own")]


def test_weights_without_a_voice_need_a_sample_also_after_one_was_given() -> None:
    cloner = VoiceCloner(Model(conds=None))
    list(cloner.speak("One.", GenerationParams(), sample=Path("a.wav")))
    with pytest.raises(NeedsSample):
        list(cloner.speak("Two.", GenerationParams()))


def test_it_stops_between_chunks_when_it_is_told_to() -> None:
    model = Model()

    def check() -> None:
        if model.said:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(VoiceCloner(model).speak(LONG, GenerationParams(), check=check))
    assert len(model.said) == 1


def test_silence_and_noise_around_speech_are_cut_and_soft_ends_stay() -> None:
    rng = np.random.default_rng(3)
    tone = 0.4 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    soft = 0.03 * np.sin(2 * np.pi * 200 * np.arange(RATE // 5) / RATE)
    noise = rng.normal(0, 0.001, RATE)
    sound = np.concatenate([noise, tone, soft, noise]).astype(np.float32)
    kept = trimmed(sound, RATE)
    assert len(kept) / RATE == pytest.approx(1.2 + 0.04 + 0.12, abs=0.03)
    assert abs(kept[0]) < 1e-4
    assert abs(kept[-1]) < 1e-4


@pytest.mark.parametrize("length", [0, 100, RATE])
def test_silence_becomes_nothing_and_little_stays_little(length: int) -> None:
    kept = trimmed(np.zeros(length, np.float32), RATE)
    assert len(kept) <= 100


def test_numbers_that_are_none_do_not_reach_the_listener() -> None:
    model = Model()
    model.generate = lambda text, **_: Tensor([[np.nan, 3.0, -3.0, 0.5]])  # type: ignore[assignment]
    (chunk,) = VoiceCloner(model).speak("One.", GenerationParams())
    assert np.frombuffer(pcm(chunk.samples), "<i2").tolist()[0] == 0
    assert np.abs(chunk.samples).max() <= 1
