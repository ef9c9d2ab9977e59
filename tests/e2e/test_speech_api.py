"""OpenAI's SDK with GALA: speech, streamed and not, and transcription."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import httpx
import pytest

from tests.platform.stack import Stack
from tests.support import http
from tests.support.model_weights import ModelWeights
from tests.support.openai_client import openai_client
from tests.support.wait import wait_until

if TYPE_CHECKING:
    import openai

ROOT = Path(__file__).parents[2]
TEXT = "The sea was calm that day. Nobody spoke a word, and the ship went on."


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, model_weights: ModelWeights) -> Stack:
    """A full stack with Whisper, and with Kokoro if the weights are the published ones."""
    name = "media_stack" if model_weights.real else "shared_stack"
    found: Stack = request.getfixturevalue(name)
    return found


def refusal_named(name: str) -> type[openai.APIStatusError]:
    """Return an exception of the SDK, which only the tests that run import."""
    import openai

    found: type[openai.APIStatusError] = getattr(openai, name)
    return found


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    """The SDK as its users create it, with GALA's address."""
    with openai_client(stack.base_url, timeout_seconds=60) as made:
        yield made


def seconds_of(sound: bytes) -> float:
    with av.open(io.BytesIO(sound)) as media:
        frames = list(media.decode(audio=0))
        return sum(frame.samples for frame in frames) / frames[0].sample_rate


def test_the_sdk_speaks_in_every_format(client: openai.OpenAI) -> None:
    spoken = {}
    for form in ("mp3", "opus", "aac", "flac", "wav"):
        answer = client.audio.speech.create(
            model="tts-1", voice="alloy", input=TEXT, response_format=form
        )
        spoken[form] = seconds_of(answer.content)
    assert all(3 < seconds < 9 for seconds in spoken.values()), spoken
    pcm = client.audio.speech.create(
        model="tts-1", voice="alloy", input=TEXT, response_format="pcm"
    ).content
    assert len(pcm) / 2 / 24_000 == pytest.approx(spoken["wav"], abs=0.2)


def test_the_sdk_streams_to_a_file(client: openai.OpenAI, tmp_path: Path) -> None:
    target = tmp_path / "speech.mp3"
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="coral", input=TEXT, instructions="Speak calmly."
    ) as answer:
        answer.stream_to_file(target)
    assert 3 < seconds_of(target.read_bytes()) < 9


def test_events_carry_the_sound_in_pieces(stack: Stack) -> None:
    body = {"model": "espeak", "voice": "en-us", "input": TEXT, "stream_format": "sse"}
    answer = http.post(f"{stack.base_url}/v1/audio/speech", json=body, timeout=60, trust_env=False)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["X-Speech-Engine"], answer.headers["X-Speech-Voice"]) == (
        "espeak",
        "en-us",
    )
    told = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert told[-1]["type"] == "speech.audio.done"
    sound = b"".join(base64.b64decode(one["audio"]) for one in told[:-1])
    assert 3 < seconds_of(sound) < 9


def test_a_spanish_text_is_spoken_in_spanish_by_any_of_openais_voices(
    client: openai.OpenAI, model_weights: ModelWeights
) -> None:
    model, voice = ("kokoro", "ef_dora") if model_weights.real else ("espeak", "es")
    text = "El niño comió paella en la playa con su abuela."
    spanish = client.audio.speech.create(
        model="tts-1", voice="nova", input=text, response_format="wav"
    )
    told = client.audio.speech.create(model=model, voice=voice, input=text, response_format="wav")
    assert seconds_of(spanish.content) == pytest.approx(seconds_of(told.content), abs=0.05)


@pytest.mark.parametrize(
    ("change", "kind", "param", "says"),
    [
        ({"input": ""}, "BadRequestError", "input", "at least 1"),
        ({"input": "..."}, "BadRequestError", "input", "something to speak"),
        ({"voice": "nobody", "model": "espeak"}, "BadRequestError", "voice", "nobody"),
        ({"speed": 9}, "BadRequestError", "speed", "4"),
        ({"response_format": "midi"}, "BadRequestError", "response_format", "mp3"),
        ({"model": "tts-9"}, "NotFoundError", "model", "tts-1"),
        ({"model": "chatterbox"}, "InternalServerError", "model", "CHATTERBOX_URL"),
    ],
)
def test_what_is_wrong_is_told_in_openais_words(
    client: openai.OpenAI,
    change: dict[str, object],
    kind: str,
    param: str,
    says: str,
) -> None:
    with pytest.raises(refusal_named(kind)) as refusal:
        client.audio.speech.create(
            **{"model": "tts-1", "voice": "alloy", "input": TEXT, **change}  # type: ignore[arg-type]
        )
    assert refusal.value.param == param
    assert says in refusal.value.message


def test_voices_and_models_are_listed(stack: Stack, client: openai.OpenAI) -> None:
    models = [model.id for model in client.models.list()]
    assert {"tts-1", "espeak", "whisper-1"} <= set(models)
    assert client.models.retrieve("whisper-1").id == "whisper-1"
    voices = http.get(f"{stack.base_url}/v1/audio/voices", trust_env=False).json()["voices"]
    assert {"id": "es", "engine": "espeak", "language": "es"}.items() <= next(
        voice for voice in voices if voice["id"] == "es"
    ).items()


def test_the_code_of_the_page_for_clients_runs(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "speech-clients.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(code.replace("http://localhost:8080", stack.base_url), {})
    assert 0.5 < seconds_of((tmp_path / "hello.mp3").read_bytes()) < 4


@pytest.mark.parametrize("name", ["gpt-5", "openai/whisper-large-v3", "x" * 5000])
def test_an_unknown_model_is_reported_as_openai_does(client: openai.OpenAI, name: str) -> None:
    with pytest.raises(refusal_named("NotFoundError")) as refusal:
        client.models.retrieve(name)
    assert refusal.value.code == "model_not_found"
    assert refusal.value.param == "model"
    assert "espeak" in refusal.value.message
    assert len(refusal.value.message) < 500


def test_open_webui_lists_models_and_voices(stack: Stack) -> None:
    with http.Client(base_url=f"{stack.base_url}/v1", trust_env=False) as webui:
        models = [one["id"] for one in webui.get("/audio/models").json()["models"]]
        voices = {one["id"]: one["name"] for one in webui.get("/audio/voices").json()["voices"]}
        chosen = {"model": models[-1], "voice": next(iter(voices)), "input": "Hello."}
        assert webui.post("/audio/speech", json=chosen).status_code == 200
    assert "whisper-1" not in models


@pytest.fixture(scope="module")
def sound(client: openai.OpenAI) -> bytes:
    """An audio file to transcribe."""
    return client.audio.speech.create(model="espeak", voice="en-us", input=TEXT).content


def test_the_sdk_transcribes_with_the_times_of_words(client: openai.OpenAI, sound: bytes) -> None:
    heard = client.audio.transcriptions.create(
        model="whisper-1",
        file=("speech.mp3", sound),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert heard.text
    assert heard.duration == pytest.approx(seconds_of(sound), abs=0.3)
    assert heard.words
    assert heard.words[0].start <= heard.words[-1].end <= heard.duration + 0.5
    assert heard.segments


@pytest.mark.parametrize(
    ("form", "begins"), [("srt", "1\n00:00:0"), ("vtt", "WEBVTT"), ("text", "")]
)
def test_a_transcript_can_be_subtitles_or_plain_text(
    client: openai.OpenAI, sound: bytes, form: str, begins: str
) -> None:
    told = client.audio.transcriptions.create(
        model="whisper-1", file=("speech.mp3", sound), language="en", response_format=form
    )
    assert str(told).startswith(begins)
    assert len(str(told)) > 3


def test_a_transcript_arrives_as_events(client: openai.OpenAI, sound: bytes) -> None:
    with client.audio.transcriptions.create(
        model="gpt-4o-transcribe", file=("speech.mp3", sound), language="en", stream=True
    ) as stream:
        *deltas, done = stream
    assert done.type == "transcript.text.done"
    assert done.text
    assert "".join(one.delta for one in deltas) == done.text  # type: ignore[union-attr]


def test_the_sdks_other_fields_are_accepted(client: openai.OpenAI, sound: bytes) -> None:
    heard = client.audio.transcriptions.create(
        model="whisper-1",
        file=("speech.mp3", sound),
        language="en",
        chunking_strategy={"type": "server_vad", "threshold": 0.5},
        include=["logprobs"],
        known_speaker_names=["Ann", "Ben"],
        known_speaker_references=["data:audio/wav;base64,UklGRg=="],
        prompt="A ship.",
        temperature=0.2,
        extra_body={"vad_filter": "false", "hotwords": "sea"},
    )
    assert heard.text


def test_the_sdk_translates_to_english(client: openai.OpenAI, sound: bytes) -> None:
    english = client.audio.translations.create(
        model="whisper-1", file=("speech.mp3", sound), response_format="verbose_json"
    )
    assert english.language == "english"
    assert english.duration == pytest.approx(seconds_of(sound), abs=0.3)
    assert english.text
    subtitles = client.audio.translations.create(
        model="whisper-1",
        file=("speech.mp3", sound),
        response_format="srt",
        prompt="",
        temperature=0,
    )
    assert str(subtitles).startswith("1\n00:00:0")


@pytest.mark.parametrize(
    ("route", "fields", "param", "says"),
    [
        ("transcriptions", {"temperature": "hot"}, "temperature", "from 0 to 1"),
        ("transcriptions", {"stream": "maybe"}, "stream", "true nor false"),
        ("transcriptions", {"vad_filter": "7"}, "vad_filter", "true nor false"),
        ("transcriptions", {"stream": "true", "response_format": "srt"}, "stream", "json or text"),
        ("transcriptions", {"language": "klingon"}, "language", "Whisper does not know"),
        ("transcriptions", {"promt": "x"}, "promt", "did you mean 'prompt'"),
        ("translations", {"timestamp_granularities[]": "word"}, None, "no field of this name"),
        ("translations", {"response_format": "docx"}, "response_format", "verbose_json"),
        ("translations", {"model": "gpt-9"}, "model", "whisper-1"),
        ("translations", {"prompt": "x" * 70_000}, "prompt", "65536"),
    ],
)
def test_a_bad_field_of_a_transcription_is_named(
    stack: Stack, sound: bytes, route: str, fields: dict[str, str], param: str | None, says: str
) -> None:
    answer = http.post(
        f"{stack.base_url}/v1/audio/{route}",
        data={"model": "whisper-1", **fields},
        files={"file": ("a.mp3", sound)},
        trust_env=False,
    )
    assert answer.status_code in {400, 404}, answer.text
    error = answer.json()["error"]
    assert says in error["message"]
    assert param is None or error["param"] == param


def test_a_transcription_leaves_no_asset(stack: Stack, client: openai.OpenAI, sound: bytes) -> None:
    before = stack.client.assets()
    assert client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", sound)).text
    assert stack.client.assets() == before


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (("a.mp3", b"<html>this is no sound</html>"), "APIStatusError"),
        (("a.mp3", b""), "BadRequestError"),
    ],
)
def test_what_is_no_sound_is_refused(
    client: openai.OpenAI, file: tuple[str, bytes], kind: str
) -> None:
    with pytest.raises(refusal_named(kind)) as refusal:
        client.audio.transcriptions.create(model="whisper-1", file=file)
    assert refusal.value.status_code in {400, 415}


def test_a_client_that_goes_away_cancels_its_transcription(stack: Stack, sound: bytes) -> None:
    stack.pause("worker-interactive-1")
    others = {job.id for job in stack.client.jobs()}
    try:
        form = {"files": {"file": ("a.mp3", sound)}, "data": {"model": "whisper-1"}}
        with pytest.raises(httpx.ReadTimeout):
            http.post(
                f"{stack.base_url}/v1/audio/transcriptions", timeout=2, trust_env=False, **form
            )
        wait_until(
            lambda: (
                [one.status for one in stack.client.jobs() if one.id not in others] == ["CANCELLED"]
            ),
            20,
            what="the cancellation",
        )
    finally:
        stack.resume("worker-interactive-1")


def test_the_owners_pronunciations_are_spoken(stack: Stack) -> None:
    def phonemes(text: str) -> str:
        answer = http.post(
            f"{stack.base_url}/dev/phonemize", json={"text": text, "language": "a"}, timeout=60
        )
        return "".join(answer.json()["phonemes"].split())

    def keep(*listed: dict[str, str]) -> None:
        body = {"pronunciations": listed}
        assert http.put(f"{stack.base_url}/pronunciations", json=body).status_code == 200

    before = phonemes("Use nginx.")
    keep({"text": "nginx", "say": "engine x"})
    assert phonemes("Use nginx.") == phonemes("Use engine x.")
    keep()
    assert phonemes("Use nginx.") == before
