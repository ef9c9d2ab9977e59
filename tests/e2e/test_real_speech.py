"""Speech and listening through OpenAI's routes with the published weights of Kokoro and Whisper."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from tests.platform.stack import Stack
from tests.support.openai_client import openai_client
from tests.support.real_weights import PULL_SECONDS, PulledWeights

if TYPE_CHECKING:
    import openai

pytestmark = [pytest.mark.slow, pytest.mark.timeout(PULL_SECONDS)]

TEXT = "My sister looked at the garden."
KOKORO = "gala_renderer.speech.kokoro.child"
RATE = 24_000
CLIENTS = 4


@pytest.fixture(scope="module")
def stack(real_weights: PulledWeights, published_stack: Stack) -> Stack:
    real_weights("kokoro", "whisper:base")
    return published_stack


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    with openai_client(stack.base_url, timeout_seconds=120) as made:
        yield made


def speech(client: openai.OpenAI, text: str) -> bytes:
    """Return the speech of the best engine as a WAV file."""
    return client.audio.speech.create(
        model="tts-1", voice="alloy", input=text, response_format="wav"
    ).content


def workers(stack: Stack, module: str) -> list[psutil.Process]:
    """Return the renderer's processes that run the module, without those that they start."""
    found = [one for one in stack.process("renderer").tree() if module in one.cmdline()]
    return [one for one in found if one.ppid() not in {other.pid for other in found}]


@pytest.fixture(scope="module")
def crowd(stack: Stack, client: openai.OpenAI) -> list[bytes]:
    """A word, spoken for clients that ask a fresh renderer at once."""
    assert workers(stack, KOKORO) == []
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda _: speech(client, "Yes."), range(CLIENTS)))


@pytest.fixture(scope="module")
def sound(client: openai.OpenAI, crowd: list[bytes]) -> bytes:
    return speech(client, TEXT)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def recording(samples: Any) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return content.getvalue()


def heard(client: openai.OpenAI, sound: bytes, form: str, **more: Any) -> Any:
    return client.audio.transcriptions.create(
        model="whisper-1", file=("speech.wav", sound), response_format=form, **more
    )


def test_requests_at_once_load_one_model(stack: Stack, crowd: list[bytes]) -> None:
    assert len(workers(stack, KOKORO)) == 1
    assert stack.log("renderer").count(f"{KOKORO} is ready") == 1
    assert len(crowd) == CLIENTS
    assert len(set(crowd)) == 1
    assert len(crowd[0]) > RATE / 2


# test_speech_api.py asks for the other formats, of a model that takes less time.
def test_a_transcript_is_json_or_subtitles(client: openai.OpenAI, sound: bytes) -> None:
    assert words(heard(client, sound, "json").text) == words(TEXT)
    subtitles = heard(client, sound, "srt")
    assert subtitles.startswith("1\n")
    (begin, end), *_ = re.findall(r"00:00:(0\d,\d{3}) --> 00:00:(0\d,\d{3})", subtitles)
    assert begin < end
    assert words(subtitles)[-1] == "garden"


def test_a_verbose_transcript_has_words_language_and_its_probability(
    client: openai.OpenAI, sound: bytes
) -> None:
    told = heard(client, sound, "verbose_json", timestamp_granularities=["word", "segment"])
    assert [words(one.word)[0] for one in told.words] == words(TEXT)
    times = [time for one in told.words for time in (one.start, one.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < 0.5
    assert told.duration - 1 < times[-1] <= told.duration
    assert (told.language, told.language_probability > 0.8) == ("en", True)
    assert words(told.segments[0].text) == words(TEXT)


@pytest.mark.parametrize("level", [0, 300], ids=["silence", "noise"])
def test_silence_and_noise_have_no_text(client: openai.OpenAI, level: int) -> None:
    samples = np.random.default_rng(1).normal(0, level, 5 * RATE)
    told = heard(client, recording(samples), "verbose_json")
    assert (told.text, told.language) == ("", None)
