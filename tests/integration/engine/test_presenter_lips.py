"""The lips of presenters and the sound of a real engine."""

from __future__ import annotations

import asyncio
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from gala_renderer.avatars.drawings.mouth import Mouth
from gala_renderer.avatars.motion.loudness import Loudness
from gala_renderer.avatars.motion.tracks import speech_motion
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.espeak.engine import EspeakEngine
from gala_renderer.speech.protocol import Utterance

FPS = Fraction(30)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Pepe, mi hombre. ¿Compramos también un vino blanco? Sábado, embutidos."),
        ("en", "Mama, my bumper. Simple problems, perhaps? Remember the number of lamps."),
    ],
)
def test_lips_shut_on_every_m_b_p_and_in_every_silence(
    language: str, text: str, tmp_path: Path
) -> None:
    target = tmp_path / "speech.wav"
    utterance = Utterance(text=text, language=language, speed=1.3)
    engine = EspeakEngine(Sandbox(ProcessLimits()))
    speech = asyncio.run(
        engine.speak(utterance, target=target, scratch=tmp_path, report=lambda _: None)
    )
    with wave.open(str(target)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    loudness = Loudness.measured(samples.astype(np.float32) / np.float32(32768), speech.rate)
    track, drawn = (
        speech_motion(
            speech.words, seconds=speech.seconds, fps=FPS, seed=0, loudness=loudness, drawn=drawn
        )
        for drawn in (False, True)
    )
    mouths = [Mouth.of(pose) for pose in drawn]
    middles = (np.arange(len(track)) + 0.5) / float(FPS)
    shut = track.curve("shut")
    lips = [p for word in speech.words for p in word.phonemes if set(p.symbol) & set("mbp")]
    assert len(lips) >= 8
    for phoneme in lips:
        during = (middles > phoneme.start - 0.03) & (middles < phoneme.end + 0.03)
        assert shut[during].max() > 0.999, phoneme
        assert any(mouths[frame].gap == 0 for frame in np.flatnonzero(during)), phoneme
    silences = loudness.silences(speech.seconds)
    assert len(silences) >= 2
    for start, end in silences:
        during = (middles > start + 0.08) & (middles < end - 0.08)
        assert not during.any() or shut[during].min() > 0.999
        assert all(mouths[frame].gap == 0 for frame in np.flatnonzero(during))
