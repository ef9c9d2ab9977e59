"""An OpenAI-compatible speech server: correct requests, streamed and untrusted responses."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from gala.errors import EngineMissing, GalaError, InvalidRequest, RenderFailed, Unavailable
from gala.supervisor import free_port
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.settings import RendererSettings
from gala_renderer.speech import http_server
from gala_renderer.speech.openai import OpenAiEngine, server_of
from gala_renderer.speech.protocol import Speech, Utterance
from tests.fakes.http import Handler, served
from tests.fakes.media_files import make
from tests.support.engine import EngineHarness
from tests.support.wait import wait_until

KEY = "sk-very-secret-0123456789"


def tone(seconds: float, rate: int = 24_000) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        time = np.arange(round(seconds * rate)) / rate
        file.writeframes((np.sin(2 * np.pi * 300 * time) * 9000).astype("<i2").tobytes())
    return made.getvalue()


class SpeechServer(Handler):
    """Responds with a tone of 60 ms per character, or with the entry of ``replies``."""

    asked: ClassVar[list[tuple[str, str | None, dict[str, Any]]]] = []
    replies: ClassVar[dict[str, tuple[int, bytes]]] = {}
    gone: ClassVar[list[str]] = []

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append((self.path, self.headers["authorization"], body))
        text = body["input"]
        if text == "endless":
            self.endless()
        elif text == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(tone(0.5))
            self.cut()
        elif text in self.replies:
            self.answer(*self.replies[text])
        else:
            seconds = 0.06 * len(text) / body["speed"]
            self.answer(200, tone(seconds), Content_Type="audio/wav")

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(64 * 1024))
        except OSError:
            self.gone.append("endless")
            self.close_connection = True


@pytest.fixture
def url() -> Iterator[str]:
    for kept in (SpeechServer.asked, SpeechServer.replies, SpeechServer.gone):
        kept.clear()
    with served(SpeechServer) as address:
        yield address


@pytest.fixture
def ffmpeg() -> FFmpeg:
    return FFmpeg(find_ffmpeg(None), Sandbox(ProcessLimits()))


def speak(ffmpeg: FFmpeg, folder: Path, url: str, text: str, **more: Any) -> Speech:
    engine = OpenAiEngine(ffmpeg, server=server_of(url, KEY), model="kokoro")
    told: list[float] = []
    speech = asyncio.run(
        engine.speak(
            Utterance(text=text, **more),
            target=folder / "speech.wav",
            scratch=folder,
            report=told.append,
        )
    )
    assert told == sorted(told)
    assert told
    return speech


def test_it_is_asked_in_openais_words(ffmpeg: FFmpeg, tmp_path: Path, url: str) -> None:
    speech = speak(ffmpeg, tmp_path, url, "Hello there.", voice="nova", speed=1.25)
    ((path, authorization, body),) = SpeechServer.asked
    assert path == "/v1/audio/speech"
    assert authorization == f"Bearer {KEY}"
    assert body == {
        "model": "kokoro",
        "input": "Hello there.",
        "voice": "nova",
        "response_format": "wav",
        "speed": 1.25,
    }
    assert speech.seconds == pytest.approx(0.06 * 12 / 1.25, abs=0.01)
    assert speech.rate == 24_000
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg"])
def test_a_server_that_answers_in_its_own_format_is_understood(
    ffmpeg: FFmpeg, tmp_path: Path, url: str, suffix: str
) -> None:
    source = make(tmp_path / f"a{suffix}", "-f", "lavfi", "-i", "sine=f=300:d=1:r=48000")
    SpeechServer.replies["Hi."] = (200, source.read_bytes())
    speech = speak(ffmpeg, tmp_path, url, "Hi.")
    assert speech.seconds == pytest.approx(1, abs=0.06)
    with wave.open(str(speech.path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)


def test_a_streamed_wav_that_does_not_know_its_length_is_read_whole(
    ffmpeg: FFmpeg, tmp_path: Path, url: str
) -> None:
    whole = bytearray(tone(1))
    whole[4:8] = whole[40:44] = b"\xff\xff\xff\xff"
    SpeechServer.replies["Hi."] = (200, bytes(whole))
    assert speak(ffmpeg, tmp_path, url, "Hi.").seconds == pytest.approx(1)


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        ((401, b'{"error": {"message": "bad key %s"}}' % KEY.encode()), EngineMissing, "key"),
        ((400, b'{"error": {"message": "no such voice"}}'), InvalidRequest, "no such voice"),
        ((404, b"not here"), EngineMissing, "SPEECH_OPENAI_URL"),
        ((429, b"{}"), Unavailable, "is busy or unavailable"),
        ((500, b'{"detail": "it broke, %s"}' % KEY.encode()), RenderFailed, "it broke, …"),
        ((503, b""), Unavailable, "no reason given"),
        ((302, b""), RenderFailed, "HTTP 302"),
        ((200, b"<html>Welcome</html>"), RenderFailed, "response is not sound"),
        ((200, b""), RenderFailed, "response is not sound"),
        ((200, b"ffconcat version 1.0\nfile /etc/passwd\n"), RenderFailed, "response is not sound"),
    ],
)
def test_what_it_answers_amiss_becomes_an_error_without_the_key(
    ffmpeg: FFmpeg,
    tmp_path: Path,
    url: str,
    caplog: pytest.LogCaptureFixture,
    reply: tuple[int, bytes],
    error: type[GalaError],
    told: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    SpeechServer.replies["Hi."] = reply
    with pytest.raises(error) as raised:
        speak(ffmpeg, tmp_path, url, "Hi.")
    assert told in raised.value.message
    assert KEY not in repr((raised.value.message, raised.value.hint, server_of(url, KEY)))
    assert KEY not in caplog.text


def test_a_server_that_never_ends_is_left(
    ffmpeg: FFmpeg, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES", 1024**2)
    with pytest.raises(RenderFailed, match="more than"):
        speak(ffmpeg, tmp_path, url, "endless")
    wait_until(lambda: SpeechServer.gone)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * 1024**2


def test_an_answer_that_breaks_off_is_no_speech(ffmpeg: FFmpeg, tmp_path: Path, url: str) -> None:
    with pytest.raises(Unavailable):
        speak(ffmpeg, tmp_path, url, "cut")


def test_cancelling_closes_the_connection(ffmpeg: FFmpeg, tmp_path: Path, url: str) -> None:
    engine = OpenAiEngine(ffmpeg, server=server_of(url, None), model="m")

    async def cancelled() -> None:
        begun = asyncio.Event()
        work = asyncio.create_task(
            engine.speak(
                Utterance(text="endless"),
                target=tmp_path / "speech.wav",
                scratch=tmp_path,
                report=lambda _: begun.set(),
            )
        )
        await begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    wait_until(lambda: SpeechServer.gone)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("http://here:8880", "http://here:8880/v1"),
        ("http://here:8880/", "http://here:8880/v1"),
        ("http://here/v1/", "http://here/v1"),
        ("https://here/api/tts", "https://here/api/tts"),
    ],
)
def test_its_address_may_be_given_with_or_without_its_version(given: str, asked: str) -> None:
    assert server_of(given, None).url == asked


def test_a_voice_cannot_be_cloned(ffmpeg: FFmpeg, tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        speak(ffmpeg, tmp_path, url, "Hi.", sample=tmp_path / "voice.wav")
    assert raised.value.details["field"] == "inputs.sample_asset_id"
    assert SpeechServer.asked == []


def test_without_an_address_it_says_what_to_set(tmp_path: Path, ffmpeg: FFmpeg) -> None:
    engine = EngineResources(RendererSettings(data_root=tmp_path), ffmpeg).speech.all["openai"]
    assert "SPEECH_OPENAI_URL" in str(engine.available())


def test_nobody_there_is_told_as_something_to_try_again(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        speak(ffmpeg, tmp_path, f"http://127.0.0.1:{free_port()}", "Hi.")


def test_a_whole_job_speaks_through_it(tmp_path: Path, url: str) -> None:
    harness = EngineHarness(tmp_path, speech_openai_url=url, speech_openai_key=KEY)
    try:
        params = {"text": "Hello there, this is a test.", "engine": "openai"}
        made = harness.make("tts", params)
        with wave.open(str(made.path("audio"))) as file:
            seconds = file.getnframes() / file.getframerate()
        assert seconds == pytest.approx(0.06 * 28, abs=0.1)
        assert KEY not in repr(made.events)
    finally:
        harness.close()
