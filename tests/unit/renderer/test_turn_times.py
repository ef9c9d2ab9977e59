"""Times of words over hundreds of chunks and pauses are exact to the sample."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from gala.render_types.params.voice import VoiceParams
from gala_renderer.engine.context import RenderContext
from gala_renderer.speech import pcm_track
from gala_renderer.speech.protocol import Speech, SpeechEngine, Utterance
from gala_renderer.speech.turn_speaker import TurnSpeaker
from gala_renderer.speech.turns import TextPiece, Turn
from gala_renderer.speech.words import Word

RATE = 22_050


class _Clicks:
    """Speaks each text as a click at a known sample of a sound with a length of its own."""

    name = "clicks"

    async def speak(self, utterance: Utterance, *, target: Path, **_: Any) -> Speech:
        number = int(utterance.text)
        samples = np.zeros(101 + 7 * (number % 13), "<i2")
        first = 11 + number % 29
        samples[first] = 20_000
        with wave.open(str(target), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        words = (Word(utterance.text, first / RATE, (first + 1) / RATE),)
        return Speech(path=target, rate=RATE, seconds=len(samples) / RATE, words=words)


def test_words_are_where_their_sound_is_after_hundreds_of_chunks(tmp_path: Path) -> None:
    parts: list[TextPiece | float] = []
    for number in range(300):
        parts += [TextPiece(f"{number}", cut_start=False, cut_end=False), 0.0333]
    voice = VoiceParams(language="en", normalize_text=False)
    context = cast(RenderContext, SimpleNamespace(scratch=tmp_path))
    engine = cast(SpeechEngine, _Clicks())
    speaker = TurnSpeaker(context, Turn(text="-", voice=voice), engine, tmp_path / "turn")
    spoken = asyncio.run(speaker.speak(parts, lambda _: None))
    sound = np.concatenate(list(pcm_track.blocks(spoken.path)))
    clicks = np.flatnonzero(np.abs(sound) > 0)
    assert [word.text for word in spoken.words] == [f"{number}" for number in range(300)]
    starts = np.array([word.start for word in spoken.words]) * RATE
    assert len(clicks) == 300
    assert np.abs(starts - clicks).max() < 1e-6
