"""Samples of voices, made once and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from gala.errors import NotFound
from gala.render_types.params import espeak_voices
from gala.speech_protocol import SpeechRequest, VoiceSampleRequest
from gala_renderer.speech.sample_sentences import sample_sentence
from gala_renderer.speech.streaming import SpeechStreams
from gala_renderer.speech.voice_samples import VoiceSamples
from tests.support.engine import EngineHarness


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineHarness]:
    """An engine that no other test has used: each of these has an event loop of its own."""
    harness = EngineHarness(tmp_path)
    yield harness
    harness.close()


class CountingStreams(SpeechStreams):
    """Counts the speech that is synthesized."""

    spoken = 0

    async def open(self, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
        self.spoken += 1
        return await super().open(request)


def wanted(voice: str) -> VoiceSampleRequest:
    return VoiceSampleRequest(engine="espeak", voice=voice)


def test_ten_requests_at_once_speak_one_sample_and_a_restart_none(engine: EngineHarness) -> None:
    async def ask() -> tuple[int, int]:
        streams = CountingStreams(engine.engine)
        voices = VoiceSamples(engine.engine, streams)
        made = await asyncio.gather(*(voices.sample(wanted("es")) for _ in range(10)))
        assert len(set(made)) == 1
        restarted = CountingStreams(engine.engine)
        again = await VoiceSamples(engine.engine, restarted).sample(wanted("es"))
        assert again == made[0]
        return streams.spoken, restarted.spoken

    assert asyncio.run(ask()) == (1, 0)


def test_an_unlisted_voice_has_no_sample(engine: EngineHarness) -> None:
    voices = VoiceSamples(engine.engine, SpeechStreams(engine.engine))
    with pytest.raises(NotFound):
        asyncio.run(voices.sample(wanted("../es")))


def test_the_names_known_of_espeak_are_those_of_its_library(engine: EngineHarness) -> None:
    found = asyncio.run(engine.engine.services.espeak.catalogue())
    assert tuple(found.voices) == espeak_voices.VOICES
    assert sorted(found.variants) == sorted(espeak_voices.VARIANTS)


def test_languages_have_sentences_and_the_others_count() -> None:
    assert sample_sentence("es-419").startswith("Hola")
    assert sample_sentence("nb") == sample_sentence("no")
    assert sample_sentence("gn") == sample_sentence("en-shaw") != sample_sentence("en")
