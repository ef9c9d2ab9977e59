"""Kokoro-FastAPI's clients with GALA: speech with the times of words, streamed and not."""

# ruff: noqa: RUF001 - letters of the IPA

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import av
import httpx
import pytest

from tests.support.model_weights import ModelWeights

TEXT: Final = "The sea was calm that day. Nobody spoke a word, and the ship went on."
ROUTE: Final = "/dev/captioned_speech"


@dataclass(frozen=True)
class Speaker:
    """A client, and whom it asks to speak English."""

    client: httpx.Client
    asked: Mapping[str, str]


@pytest.fixture(scope="module")
def speaker(request: pytest.FixtureRequest, model_weights: ModelWeights) -> Speaker:
    """espeak-ng, or with ``--real-weights`` Kokoro."""
    if model_weights.real:
        client = request.getfixturevalue("media")
        return Speaker(client, {"model": "kokoro", "voice": "af_heart"})
    return Speaker(request.getfixturevalue("api"), {"model": "espeak", "voice": "en-us"})


def whole(speaker: Speaker, **changes: Any) -> dict[str, Any]:
    """Return the response as clients that do not stream ask for it."""
    body = {**speaker.asked, "input": TEXT, "response_format": "wav",
            "stream": False, "return_timestamps": True, **changes}  # fmt: skip
    answer = speaker.client.post(ROUTE, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seconds_of(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as file:
        return file.getnframes() / file.getframerate()


def test_the_whole_answer_has_the_audio_and_the_time_of_every_word(speaker: Speaker) -> None:
    told = whole(speaker)
    assert told["audio_format"] == "audio/wav"
    seconds = seconds_of(base64.b64decode(told["audio"]))
    assert 3 < seconds < 9
    words = told["timestamps"]
    assert [one["word"] for one in words] == TEXT.split()
    times = [time for one in words for time in (one["start_time"], one["end_time"])]
    assert times == sorted(times)
    assert 0 <= times[0] < 0.3
    assert seconds - 1.5 < times[-1] <= seconds


def test_a_stream_has_the_same_words_at_the_same_times(speaker: Speaker) -> None:
    body = {**speaker.asked, "input": TEXT}
    with speaker.client.stream("POST", ROUTE, json=body) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert answer.headers["content-type"].startswith("application/json")
    assert {one["audio_format"] for one in lines} == {"audio/mpeg"}
    sound = b"".join(base64.b64decode(one["audio"]) for one in lines)
    with av.open(io.BytesIO(sound)) as media:
        assert media.streams.audio[0].codec_context.name.startswith("mp3")
    assert [word for one in lines for word in one["timestamps"]] == whole(speaker)["timestamps"]


@pytest.mark.parametrize("speed", [0.25, 3.0])
def test_word_times_follow_the_speed(speaker: Speaker, speed: float) -> None:
    told = whole(speaker, speed=speed, input="One two three.")
    seconds = seconds_of(base64.b64decode(told["audio"]))
    assert len(told["timestamps"]) == 3
    assert seconds * 0.4 < told["timestamps"][-1]["end_time"] <= seconds + 0.05


def test_word_times_count_pauses(speaker: Speaker) -> None:
    first, second = whole(speaker, input="[pause 1s] One. [pause 2s] Two.")["timestamps"]
    assert 1 <= first["start_time"] < 1.2
    assert second["start_time"] - first["end_time"] == pytest.approx(2, abs=0.15)


def test_other_fields_of_the_clients_are_accepted(speaker: Speaker) -> None:
    fields = {
        "model": "tts-1", "voice": "alloy", "lang_code": "a", "volume_multiplier": 0.5,
        "normalization_options": {"normalize": False}, "download_format": "mp3",
    }  # fmt: skip
    assert whole(speaker, **fields)["timestamps"]
    assert whole(speaker, return_timestamps=False)["timestamps"] is None
    spanish = whole(speaker, model="tts-1", voice="nova", lang_code="e", input="El niño.")
    assert [one["word"] for one in spanish["timestamps"]] == ["El", "niño."]


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"input": ""}, 422, "input"),
        ({"input": None}, 422, "input"),
        ({"input": "..."}, 400, "input"),
        ({"input": "a\0b"}, 400, "input"),
        ({"input": "x" * 100_001}, 422, "input"),
        ({"input": "x" * 2_000_000}, 413, "larger"),
        ({"voice": "af_nobody"}, 400, "voice"),
        ({"voice": ["af_heart"]}, 422, "voice"),
        ({"speed": "fast"}, 422, "speed"),
        ({"speed": 9}, 422, "speed"),
        ({"response_format": "midi"}, 422, "response_format"),
        ({"lang_code": "xx-"}, 400, "lang_code"),
        ({"volume_multiplier": 0}, 422, "volume_multiplier"),
        ({"volume_multiplier": 0.001}, 400, "volume_multiplier"),
        ({"model": "gpt-5"}, 404, "kokoro"),
        ({"return_download_link": True}, 400, "return_download_link"),
        ({"ssml": True, "allow_voice_tags": True}, 400, "allow_voice_tags"),
        ({"model": "chatterbox", "voice": None}, 501, "CHATTERBOX_URL"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_request_is_refused_in_kokoro_fastapis_words(
    api: httpx.Client, change: dict[str, Any], code: int, says: str
) -> None:
    body = {"model": "espeak", "voice": "en-us", "input": TEXT, "stream": True, **change}
    answer = api.post(ROUTE, json=body)
    assert answer.status_code == code, answer.text[:500]
    detail = answer.json()["detail"]
    assert says in (str(detail[0]["loc"]) if code == 422 else detail["message"])
    assert len(answer.text) < 5_000


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"text": "Hello world!", "language": "a"}, "həlˈoʊ wˈɜːld"),
        ({"text": "Hello."}, "həlˈoʊ"),
        ({"text": "Hello.", "language": "b"}, "həlˈəʊ"),
        ({"text": "El niño come.", "language": "e"}, "el nˈiɲo kˈome"),
        ({"text": "[pause 1s] Hello. [pause 1s]", "language": "en-GB"}, "həlˈəʊ"),
    ],
    ids=str,
)
def test_a_text_becomes_phonemes(api: httpx.Client, body: dict[str, str], says: str) -> None:
    told = api.post("/dev/phonemize", json=body)
    assert told.json() == {"phonemes": says, "tokens": []}
    assert told.headers["X-Speech-Engine"] == "espeak"


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({}, 422, "text"),
        ({"text": ""}, 422, "text"),
        ({"text": "x" * 5001}, 422, "text"),
        ({"text": "?!"}, 400, "text"),
        ({"text": "Hello.", "language": "??"}, 400, "language"),
        ({"text": "Hello.", "language": "tlh"}, 400, "language"),
        ({"text": ["Hello."]}, 422, "text"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_text_without_phonemes_is_refused_by_its_field(
    api: httpx.Client, body: dict[str, Any], code: int, says: str
) -> None:
    answer = api.post("/dev/phonemize", json=body)
    assert answer.status_code == code, answer.text
    assert says in str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/dev/generate_from_phonemes", "text"),
        ("/dev/dialogue", "type dialogue"),
        ("/v1/audio/voices/combine", "af_bella(2)+af_sky(1)"),
    ],
)
def test_what_is_not_offered_is_refused_with_the_way_to_have_it(
    api: httpx.Client, path: str, says: str
) -> None:
    answer = api.post(path, json={"text": "Hello.", "language": "a"})
    assert answer.status_code == 501
    assert says in answer.json()["detail"]["message"]
    assert api.post("/dev/unknown", json={}).json()["detail"]["error"] == "not_found"
