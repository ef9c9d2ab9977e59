"""Real Kokoro with untrained weights of its architecture: loading, speaking, times, joins, and
the worker process. The published weights (``--real-weights``) run on ONNX Runtime."""

# ruff: noqa: RUF001 - letters of the IPA and of other scripts

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from gala.errors import EngineMissing, InvalidRequest
from gala.render_types.params.voice import PARAGRAPH_PAUSE_SECONDS
from gala_renderer.engine.plan import Report
from gala_renderer.sandbox.program_end import ProgramKilled
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.kokoro.model import RATE
from gala_renderer.speech.kokoro.onnx_model import OnnxModel
from gala_renderer.speech.kokoro.synthesizer import KokoroSynthesizer, SpokenPassage
from gala_renderer.speech.kokoro.torch_model import TorchModel
from gala_renderer.speech.kokoro.weights import find_onnx_weights, find_weights
from gala_renderer.speech.protocol import Speech, Utterance
from gala_renderer.speech.word_tokens import written_words
from tests.support.engine import EngineHarness
from tests.support.kokoro import VOICES, make_weights
from tests.support.model_weights import ModelWeights
from tests.support.processes import started_since

pytestmark = pytest.mark.anyio

TEXTS = {
    "en-US": "Hello, world! It costs 25 dollars.",
    "en-GB": "Hello there, theatre.",
    "es": "Hola, ¿qué tal?",
    "fr": "L'homme n'est pas là !",
    "hi": "नमस्ते, आप कैसे हैं?",
    "it": "Ciao bello, come stai?",
    "ja": "今日は良い天気ですね。",
    "pt-BR": "Olá, tudo bem?",
    "zh": "你好，世界！",
}
LONG = "The quick brown fox jumps, over the lazy dog. " * 3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def weights(model_weights: ModelWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kokoro")
    folder.chmod(0o755)  # as it would be: programs are not who the tests are
    return model_weights.kokoro(folder) if model_weights.real else make_weights(folder)


@pytest.fixture(scope="module")
def synthesizer(weights: Path, model_weights: ModelWeights) -> KokoroSynthesizer:
    model = (
        OnnxModel(find_onnx_weights(weights), threads=2)
        if model_weights.real
        else TorchModel(find_weights(weights), device="cpu")
    )
    return KokoroSynthesizer(model, most=45)


@pytest.fixture(scope="module")
def about(model_weights: ModelWeights) -> dict[str, str]:
    """What the engine says of itself."""
    if model_weights.real:
        return {"backend": "onnx", "device": "cpu", "weights": "kokoro-v1.0.int8.onnx"}
    return {"backend": "torch", "device": "cpu", "weights": "kokoro-v1_0.pth"}


@pytest.fixture
async def engine(weights: Path) -> AsyncIterator[KokoroEngine]:
    made = KokoroEngine(Sandbox(ProcessLimits()), weights, processes=1)
    yield made
    await made.close()


def said(pieces: Iterator[SpokenPassage]) -> tuple[np.ndarray, list[SpokenPassage]]:
    found = list(pieces)
    return np.concatenate([piece.samples for piece in found]), found


async def speak(engine: KokoroEngine, folder: Path, text: str, **more: str) -> Speech:
    return await engine.speak(
        Utterance(text=text, **more),  # type: ignore[arg-type]
        target=folder / "said.wav",
        scratch=folder,
        report=lambda _: None,
    )


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_gives_each_written_word_its_time(
    synthesizer: KokoroSynthesizer, language: str
) -> None:
    text = TEXTS[language]
    samples, pieces = said(synthesizer.speak(text, language=language))
    words = [word for piece in pieces for word in piece.words]
    assert [word.text for word in words] == [
        text[start:end] for start, end in written_words(text, language)
    ]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(word.end > word.start and word.phonemes for word in words)
    assert words[-1].end <= len(samples) / RATE
    assert np.abs(samples).max() > 0.001
    assert pieces[-1].fraction == 1.0


def test_a_long_text_has_no_click_at_its_seams_and_its_words_stay_in_time(
    synthesizer: KokoroSynthesizer,
) -> None:
    samples, pieces = said(synthesizer.speak(LONG, voice="af_heart"))
    assert len(pieces) >= 3
    usual = np.abs(np.diff(samples)).max()
    seams = np.cumsum([len(piece.samples) for piece in pieces])[:-1]
    for seam, piece in zip(seams, pieces[1:], strict=True):
        assert np.abs(np.diff(samples[seam - 4 : seam + 4])).max() < usual / 10
        assert piece.words[0].start >= seam / RATE
    words = [word for piece in pieces for word in piece.words]
    assert " ".join(word.text for word in words) == LONG.strip()


def test_the_same_request_sounds_the_same_and_speed_shortens(
    synthesizer: KokoroSynthesizer,
) -> None:
    once, _ = said(synthesizer.speak("Say it again."))
    again, _ = said(synthesizer.speak("Say it again."))
    slow, _ = said(synthesizer.speak("Say it again.", speed=0.5))
    assert np.array_equal(once, again)
    assert len(slow) > 1.5 * len(once)


def test_a_mix_lies_between_its_voices(synthesizer: KokoroSynthesizer) -> None:
    heart, _ = said(synthesizer.speak("Mix.", voice="af_heart"))
    only, _ = said(synthesizer.speak("Mix.", voice="af_heart:1+af_bella:0"))
    mixed, _ = said(synthesizer.speak("Mix.", voice="af_heart:0.6+af_bella:0.4"))
    assert np.array_equal(heart, only)
    assert len(mixed) != len(heart) or not np.allclose(mixed, heart, atol=1e-4)


def test_what_makes_no_sound_is_a_short_silence(synthesizer: KokoroSynthesizer) -> None:
    samples, (piece,) = said(synthesizer.speak("…"))
    assert 0 < len(samples) < RATE
    assert piece.words == ()


def test_espeak_comes_from_its_wheel_and_nothing_from_the_network(
    synthesizer: KokoroSynthesizer,
) -> None:
    said(synthesizer.speak("Hola.", language="es"))
    maps = Path("/proc/self/maps").read_text()
    assert "espeakng_loader/libespeak-ng" in maps


# tests/e2e/test_real_speech.py asks fewer of the published weights, in every run.
@pytest.mark.exhaustive
async def test_ten_at_once_load_the_model_once(
    engine: KokoroEngine, about: dict[str, str], tmp_path: Path
) -> None:
    folders = [tmp_path / str(number) for number in range(10)]
    for folder in folders:
        folder.mkdir()
    told = await asyncio.gather(*(speak(engine, folder, "Ten.") for folder in folders))
    assert engine.status.started == 1
    assert engine.status.about == about
    for speech in told:
        with wave.open(str(speech.path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
            assert file.getnframes() == round(speech.seconds * RATE)
        assert [word.text for word in speech.words] == ["Ten."]


@pytest.mark.exhaustive  # two children load torch; test_kokoro_onnx.py cancels, too
async def test_cancelling_keeps_the_model_and_a_killed_process_is_replaced(
    engine: KokoroEngine, tmp_path: Path
) -> None:
    started = started_since()
    text = "Go. " + "on and on, " * 20
    began = asyncio.Event()

    async def long(report: Report) -> Speech:
        target = tmp_path / "long.wav"
        utterance = Utterance(text=text)
        return await engine.speak(utterance, target=target, scratch=tmp_path, report=report)

    request = asyncio.create_task(long(lambda _: began.set()))
    await began.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert (engine.status.busy, engine.status.up, engine.status.started) == (0, 1, 1)
    (child,) = started()
    with pytest.raises(ProgramKilled):
        await long(lambda _: os.kill(child.pid, 9))
    assert (await speak(engine, tmp_path, "Again.")).words[0].text == "Again."
    assert engine.status.started == 2


async def test_what_is_wrong_is_said_before_a_model_is_loaded(
    engine: KokoroEngine, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="af_heart"):
        await speak(engine, tmp_path, "Hm.", voice="af_nobody")
    with pytest.raises(InvalidRequest, match="pt-BR"):
        await speak(engine, tmp_path, "Hm.", language="de")
    assert engine.status.started == 0
    assert {voice.name for voice in await engine.voices()} >= set(VOICES)


async def test_missing_weights_name_the_remedy(
    weights: Path, model_weights: ModelWeights, tmp_path: Path
) -> None:
    engine = KokoroEngine(Sandbox(ProcessLimits()), tmp_path)
    assert "gala weights pull kokoro" in str(engine.available())
    with pytest.raises(EngineMissing, match="KOKORO_WEIGHTS"):
        await speak(engine, tmp_path, "Hm.")
    shutil.copytree(weights / "voices", tmp_path / "voices")
    assert "config.json, [*].pth missing" not in str(engine.available())
    missing = "*.onnx missing" if model_weights.real else "config.json, *.pth missing"
    assert missing in str(engine.available())


async def test_a_device_that_is_not_there_is_said(
    weights: Path, model_weights: ModelWeights, tmp_path: Path
) -> None:
    if model_weights.real:
        pytest.skip("ONNX Runtime takes no device; torch is asked with its own weights")
    engine = KokoroEngine(Sandbox(ProcessLimits()), weights, device="cuda:9")
    try:
        with pytest.raises(EngineMissing, match="KOKORO_DEVICE"):
            await speak(engine, tmp_path, "Hm.")
    finally:
        await engine.close()


def test_kokoro_speaks_by_default_where_its_weights_are(
    weights: Path, model_weights: ModelWeights, tmp_path: Path
) -> None:
    started = started_since()
    harness = EngineHarness(tmp_path, kokoro_weights=weights)
    try:
        assert harness.engine.services.speech.default().name == "kokoro"
        made = harness.make("tts", {"text": "Hello, world.\r\n\r\nBye.", "voice": "af_bella"})
        words = json.loads(made.path("words").read_text())
        with wave.open(str(made.path("audio"))) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    finally:
        harness.close()
    listed = words["words"] if isinstance(words, dict) else words
    assert [word["text"] for word in listed] == ["Hello,", "world.", "Bye."]
    assert started() == []
    # Tiny weights speak noise, so that samples of zero are only those of the paragraph's pause.
    silence = np.diff(np.flatnonzero(samples)).max() / RATE
    own = 0.4 if model_weights.real else 0.02
    assert PARAGRAPH_PAUSE_SECONDS - 0.02 <= silence <= PARAGRAPH_PAUSE_SECONDS + own
    assert listed[2]["start_ts"] - listed[1]["end_ts"] >= PARAGRAPH_PAUSE_SECONDS


def test_the_renderer_itself_loads_nothing_heavy() -> None:
    code = (
        "import sys, gala_renderer.http.app, gala_renderer.speech.kokoro.engine;"
        "print([m for m in ('torch', 'kokoro', 'misaki', 'transformers', 'spacy', 'faster_whisper',"
        " 'onnxruntime')"
        " if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
