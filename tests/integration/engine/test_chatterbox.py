"""The real Chatterbox server with a fake model, and the renderer's client."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from gala.errors import EngineMissing, GalaError, InvalidRequest, RenderFailed, Unavailable
from gala.supervisor import free_port
from gala_renderer.engine.resources import EngineResources
from gala_renderer.ffmpeg.binary import find_ffmpeg
from gala_renderer.ffmpeg.runner import FFmpeg
from gala_renderer.model_workers.pool import WorkerPool
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.settings import RendererSettings
from gala_renderer.speech.chatterbox.engine import ChatterboxEngine
from gala_renderer.speech.http_server import Server
from gala_renderer.speech.protocol import Speech, Utterance
from tests.fakes.http import Handler, served
from tests.support import http
from tests.support.engine import EngineHarness
from tests.support.wait import wait_until

ROOT = Path(__file__).parents[3]
FAKE_MODEL = ROOT / "tests" / "fakes" / "chatterbox_model"
TWO = "One thing. Another thing."


@dataclass
class Chatterbox:
    """The server under test, and the requests to its model."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def calls(self) -> list[dict[str, Any]]:
        log = self.folder / "calls"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def said(self) -> list[str]:
        return [call["text"] for call in self.calls if "text" in call]

    def synthesize(self, **fields: Any) -> list[dict[str, Any]]:
        files = {name: (None, value) for name, value in fields.items() if isinstance(value, str)}
        files |= {name: value for name, value in fields.items() if not isinstance(value, str)}
        answer = http.post(f"{self.url}/synthesize", files=files, timeout=30)
        if answer.status_code != 200:
            return [{"status": answer.status_code, **answer.json()}]
        return [json.loads(line) for line in answer.text.splitlines()]

    def sees_who_is_gone(self) -> None:
        """Return once the server has answered others: it has seen which clients are gone."""
        for _ in range(2):
            assert http.get(f"{self.url}/health").status_code == 200

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Keep the model from finishing a chunk within the block."""
        hold = self.folder / "hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()


def sound_of(lines: list[dict[str, Any]]) -> Any:
    raw = b"".join(base64.b64decode(line["pcm"]) for line in lines if "pcm" in line)
    return np.frombuffer(raw, "<i2") / 32768


def sample(pitch: int, seconds: float = 1.0) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        tone = np.sin(2 * np.pi * pitch * np.arange(round(seconds * 16_000)) / 16_000)
        file.writeframes((tone * 9000).astype("<i2").tobytes())
    return made.getvalue()


def loudest_pitch(samples: Any, rate: int) -> float:
    part = samples[: rate // 4]
    return float(np.abs(np.fft.rfft(part)).argmax() * rate / len(part))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for name in ("ve.safetensors", "conds.pt"):
        (folder / name).touch()
    return folder


@contextlib.contextmanager
def running(folder: Path, weights: Path) -> Iterator[Chatterbox]:
    port = free_port()
    path = os.pathsep.join(map(str, (FAKE_MODEL, ROOT / "renderer/chatterbox", ROOT / "renderer")))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "CHATTERBOX_PORT": str(port),
        "CHATTERBOX_WEIGHTS": str(weights),
        "CHATTERBOX_DEVICE": "cpu",
        "CHATTERBOX_FAKE": str(folder),
    }
    process = subprocess.Popen([sys.executable, "-m", "gala_chatterbox"], env=environment)
    server = Chatterbox(f"http://127.0.0.1:{port}", folder, process)
    try:
        wait_until(lambda: answers(server.url), timeout_seconds=30)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return http.get(f"{url}/health").status_code == 200
    return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Iterator[Chatterbox]:
    with running(tmp_path_factory.mktemp("fake"), weights) as started:
        yield started


@pytest.fixture
def ffmpeg() -> FFmpeg:
    return FFmpeg(find_ffmpeg(None), Sandbox(ProcessLimits()))


@pytest.fixture
def speak(
    server: Chatterbox, ffmpeg: FFmpeg, tmp_path: Path
) -> Callable[..., tuple[Speech, list[float]]]:
    return speaker(ffmpeg, tmp_path, Server(server.url, "Chatterbox's server", "CHATTERBOX_URL"))


def speaker(
    ffmpeg: FFmpeg, folder: Path, server: Server
) -> Callable[..., tuple[Speech, list[float]]]:
    engine = ChatterboxEngine(ffmpeg, server=server, beside=None)

    def speak(text: str, **more: Any) -> tuple[Speech, list[float]]:
        told: list[float] = []
        work = engine.speak(
            Utterance(text=text, **more),
            target=folder / "speech.wav",
            scratch=folder,
            report=told.append,
        )
        return asyncio.run(work), told

    return speak


def test_the_model_is_loaded_once_at_the_first_request(server: Chatterbox) -> None:
    server.synthesize(text="Hello.")
    server.synthesize(text="Hello again.")
    assert http.get(f"{server.url}/health").json() == {"status": "ok", "loaded": True}
    assert [call for call in server.calls if "loaded" in call] == [{"loaded": "cpu"}]


def test_chunks_come_as_they_are_spoken_with_silence_between(server: Chatterbox) -> None:
    lines = server.synthesize(text=TWO * 8, chunk_chars="5000", chunk_silence_ms="500")
    assert lines[0] == {"rate": 24_000}
    done = [line["done"] for line in lines if "done" in line]
    assert done == sorted(done)
    assert done[-1] == 1
    assert max(len(text) for text in server.said[-len(done) :]) <= 280
    # 40 ms a character and half a second between; the second of noise after each is cut.
    spoken = 0.04 * sum(len(text) for text in server.said[-len(done) :])
    expected = spoken + 0.5 * (len(done) - 1)
    assert lines[-1]["seconds"] == pytest.approx(expected, abs=0.2 * len(done))
    assert len(sound_of(lines)) / 24_000 == pytest.approx(lines[-1]["seconds"])


def test_a_sample_gives_the_voice_and_the_next_one_has_the_usual(server: Chatterbox) -> None:
    cloned = server.synthesize(text=TWO, sample=("s.wav", sample(440), "audio/wav"))
    usual = server.synthesize(text=TWO)
    assert loudest_pitch(sound_of(cloned), 24_000) == pytest.approx(440, abs=8)
    assert loudest_pitch(sound_of(usual), 24_000) == pytest.approx(200, abs=8)


def test_how_to_speak_reaches_the_model(server: Chatterbox) -> None:
    server.synthesize(text="Hi.", exaggeration="1.5", cfg_weight="0.2", temperature="1.1")
    assert server.calls[-1]["manner"] == [1.5, 0.2, 1.1]


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"text": "  "}, 422, "text"),
        ({}, 422, "text"),
        ({"text": "x" * 20_001}, 422, "text"),
        ({"text": "Hi.", "exaggeration": "9"}, 422, "exaggeration"),
        ({"text": "Hi.", "speed": "2"}, 422, "speed"),
        ({"text": "Hi.", "sample": ("s.wav", b"no sound", "audio/wav")}, 400, "WAV"),
        ({"text": "Hi.", "sample": ("s.wav", sample(100, 121), "audio/wav")}, 400, "120 seconds"),
        ({"text": "Hi.", "sample": ("s.wav", bytes(34 * 1024**2), "audio/wav")}, 413, "larger"),
    ],
)
def test_what_it_cannot_speak_is_refused_with_a_sentence(
    server: Chatterbox, fields: dict[str, Any], status: int, told: str
) -> None:
    before = len(server.calls)
    (answer,) = server.synthesize(**fields)
    assert answer["status"] == status
    assert told in answer["error"]
    assert len(server.calls) == before


def test_a_failing_model_is_told_and_the_next_request_is_served(server: Chatterbox) -> None:
    assert "out of memory" in server.synthesize(text="This is out of memory.")[-1]["error"]
    assert "seconds" in server.synthesize(text="Hello.")[-1]


def test_a_client_that_goes_away_stops_the_speech(server: Chatterbox) -> None:
    server.synthesize(text="The model is loaded.")
    before = len(server.said)
    with server.holding():
        with (
            pytest.raises(httpx.ReadTimeout),
            http.stream(
                "POST", f"{server.url}/synthesize", data={"text": TWO * 60}, timeout=0.5
            ) as answer,
        ):
            list(answer.iter_bytes())
        wait_until(lambda: len(server.said) == before + 1, timeout_seconds=10)
        server.sees_who_is_gone()
    assert "seconds" in server.synthesize(text="Next.")[-1]
    assert server.said[before + 1 :] == ["Next."]


def test_openais_words_are_understood_too(server: Chatterbox) -> None:
    body = {"model": "chatterbox", "voice": "alloy", "input": "Hello there."}
    answer = http.post(f"{server.url}/v1/audio/speech", json=body, timeout=30)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.content[:4] == b"RIFF"
    raw = http.post(
        f"{server.url}/v1/audio/speech", json=body | {"response_format": "pcm"}, timeout=30
    )
    assert answer.content[44:] == raw.content
    assert loudest_pitch(np.frombuffer(raw.content, "<i2"), 24_000) == pytest.approx(200, abs=8)
    failed = http.post(
        f"{server.url}/v1/audio/speech", json=body | {"input": "out of memory"}, timeout=30
    )
    assert failed.status_code == 500


@pytest.mark.parametrize(
    ("headers", "status", "part"),
    [
        ({"Host": "attacker.example"}, 421, "CHATTERBOX_ALLOWED_HOSTS"),
        ({"Origin": "https://attacker.example"}, 403, "web pages"),
    ],
)
def test_web_pages_are_not_answered(
    server: Chatterbox, headers: dict[str, str], status: int, part: str
) -> None:
    for method, path in (("POST", "/synthesize"), ("POST", "/v1/audio/speech"), ("GET", "/health")):
        answer = http.request(method, f"{server.url}{path}", headers=headers, timeout=30)
        assert answer.status_code == status
        assert part in answer.json()["error"]
    assert http.get(f"{server.url}/health", headers={"Host": "chatterbox:9010"}).is_success


def test_missing_weights_are_told_without_ending_the_server(tmp_path: Path) -> None:
    with running(tmp_path, tmp_path / "none") as empty:
        (answer,) = [line for line in empty.synthesize(text="Hi.") if "error" in line]
        assert answer["status"] == 503
        assert "gala_chatterbox pull" in answer["error"]
        assert answers(empty.url)


def test_the_engine_speaks_through_the_server(
    speak: Callable[..., tuple[Speech, list[float]]], tmp_path: Path
) -> None:
    voice = tmp_path / "voice.wav"
    voice.write_bytes(sample(330))
    speech, told = speak(TWO, sample=voice, chunk_silence=0.2)
    with wave.open(str(speech.path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(samples) / 24_000 == pytest.approx(speech.seconds)
    assert loudest_pitch(samples, 24_000) == pytest.approx(330, abs=8)
    assert told == sorted(told)
    assert told[-1] == 1
    assert [path.name for path in tmp_path.iterdir() if path != voice] == ["speech.wav"]


def test_the_engine_speaks_faster_at_the_same_pitch(
    speak: Callable[..., tuple[Speech, list[float]]],
) -> None:
    usual, _ = speak(TWO)
    fast, _ = speak(TWO, speed=1.5)
    assert fast.seconds == pytest.approx(usual.seconds / 1.5, rel=0.05)


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"voice": "bella"}, "params.voice"), ({"language": "es"}, "params.language")],
)
def test_the_engine_refuses_what_chatterbox_has_not(
    speak: Callable[..., tuple[Speech, list[float]]], asked: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        speak("Hello.", **asked)
    assert refused.value.details["field"] == field


def test_cancelling_the_engine_stops_the_speech(
    server: Chatterbox, ffmpeg: FFmpeg, tmp_path: Path
) -> None:
    before = len(server.said)
    engine = ChatterboxEngine(ffmpeg, server=Server(server.url, "It", "X"), beside=None)

    async def cancelled() -> None:
        work = asyncio.create_task(
            engine.speak(
                Utterance(text=TWO * 60),
                target=tmp_path / "speech.wav",
                scratch=tmp_path,
                report=lambda _: None,
            )
        )
        async with asyncio.timeout(20):
            while len(server.said) == before:  # noqa: ASYNC110 - another process tells it
                await asyncio.sleep(0.02)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    with server.holding():
        asyncio.run(cancelled())
        server.sees_who_is_gone()
    assert "seconds" in server.synthesize(text="Next.")[-1]
    assert server.said[before + 1 :] == ["Next."]


class _Other(Handler):
    """A server whose response is selected by the path."""

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        self.rfile.read(int(self.headers["content-length"]))
        if "/cut" in self.path:
            self.answer(200, b'{"rate": 24000}\n{"done": 0.5, "pcm": "AAAA"}\n')
        elif "/html" in self.path:
            self.answer(200, b"<html>hello</html>\n")
        else:
            self.answer(int(self.path.split("/")[1]), b'{"error": "it says why"}')


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/404", EngineMissing),
        ("/422", InvalidRequest),
        ("/500", RenderFailed),
        ("/503", Unavailable),
        ("/cut", RenderFailed),
        ("/html", RenderFailed),
    ],
)
def test_what_a_server_answers_amiss_becomes_an_error_of_ours(
    ffmpeg: FFmpeg, tmp_path: Path, path: str, error: type[GalaError]
) -> None:
    with served(_Other) as url, pytest.raises(error):
        speaker(ffmpeg, tmp_path, Server(url + path, "It", "CHATTERBOX_URL"))("Hello.")


def test_a_server_that_is_not_there_can_be_tried_again(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    nobody = Server(f"http://127.0.0.1:{free_port()}", "It", "CHATTERBOX_URL")
    with pytest.raises(Unavailable) as refused:
        speaker(ffmpeg, tmp_path, nobody)("Hello.")
    assert "CHATTERBOX_URL" in str(refused.value.hint)


def test_without_server_and_package_it_says_what_to_do(tmp_path: Path, ffmpeg: FFmpeg) -> None:
    engine = EngineResources(RendererSettings(data_root=tmp_path), ffmpeg).chatterbox
    assert "CHATTERBOX_URL" in str(engine.available())
    named = RendererSettings(data_root=tmp_path, chatterbox_url="http://127.0.0.1:9010/")
    assert EngineResources(named, ffmpeg).chatterbox.available() is None


def test_beside_the_renderer_it_speaks_in_a_warm_process(
    ffmpeg: FFmpeg, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(FAKE_MODEL)
    monkeypatch.delitem(sys.modules, "chatterbox", raising=False)
    importlib.invalidate_caches()
    pool = WorkerPool(
        ffmpeg.sandbox,
        "tests.fakes.chatterbox_worker",
        {"weights": str(weights), "device": "cpu"},
        environment={"CHATTERBOX_FAKE": str(tmp_path)},
    )
    engine = ChatterboxEngine(ffmpeg, server=None, beside=pool)
    assert engine.available() is None
    told: list[float] = []

    async def spoken() -> list[Speech]:
        try:
            return [
                await engine.speak(
                    Utterance(text=TWO),
                    target=tmp_path / name,
                    scratch=tmp_path,
                    report=told.append,
                )
                for name in ("a.wav", "b.wav")
            ]
        finally:
            await engine.close()

    first, second = asyncio.run(spoken())
    assert first.seconds == second.seconds > 0.5
    assert pool.status.started == 1
    assert told[-1] == 1


@pytest.mark.live
@pytest.mark.skipif(
    "CHATTERBOX_LIVE_URL" not in os.environ, reason="needs a real server: CHATTERBOX_LIVE_URL"
)
@pytest.mark.timeout(900)
def test_the_real_model_speaks(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    real = Server(os.environ["CHATTERBOX_LIVE_URL"], "Chatterbox's server", "CHATTERBOX_LIVE_URL")
    speech, told = speaker(ffmpeg, tmp_path, real)(TWO)
    assert 1 < speech.seconds < 20
    assert told[-1] == 1


def test_a_whole_job_clones_a_voice_and_tells_when_each_word_is_spoken(
    server: Chatterbox, tmp_path: Path
) -> None:
    voice = tmp_path / "voice.wav"
    voice.write_bytes(sample(330, 2.0))
    (tmp_path / "data").mkdir()
    harness = EngineHarness(tmp_path / "data", chatterbox_url=server.url)
    try:
        params = {"text": "One thing. [pause 1s] Another thing.", "engine": "chatterbox"}
        made = harness.make("tts", params, sample=voice)
        refused = harness.make("tts", params | {"language": "es"}, sample=voice).error
    finally:
        harness.close()
    assert server.said[-2:] == ["One thing.", "Another thing."]
    assert server.calls[-1]["pitch"] == pytest.approx(330, abs=3)
    words = json.loads(made.path("words").read_text())
    assert [word["text"] for word in words] == ["One", "thing.", "Another", "thing."]
    assert words[2]["start_ts"] - words[1]["end_ts"] > 0.7
    assert refused.code == "VALIDATION_ERROR"
    assert "params.language" in refused.message
