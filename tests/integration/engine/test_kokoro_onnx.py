"""Kokoro on ONNX Runtime: a tiny graph with Kokoro's inputs and outputs, and the published one."""

# ruff: noqa: RUF001 - letters of the IPA and of other scripts

from __future__ import annotations

import asyncio
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from gala.errors import EngineMissing, InvalidRequest, RenderFailed
from gala.media import SpokenBy
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.speech.kokoro.engine import KokoroEngine
from gala_renderer.speech.kokoro.model import RATE
from gala_renderer.speech.kokoro.onnx_model import OnnxModel
from gala_renderer.speech.kokoro.synthesizer import KokoroSynthesizer
from gala_renderer.speech.kokoro.weights import find_onnx_weights
from gala_renderer.speech.protocol import Speech, Utterance
from gala_renderer.speech.word_tokens import written_words
from tests.support.engine import EngineHarness
from tests.support.kokoro import VOICES
from tests.support.kokoro_onnx import make_onnx_weights
from tests.support.model_weights import ModelWeights
from tests.support.processes import started_since
from tests.support.real_weights import PULL_SECONDS, PulledWeights
from tests.support.wait import wait_until

pytestmark = pytest.mark.anyio

TEXTS = {
    "en-US": "Hello, world! It costs 25 dollars.",
    "es": "Hola, ¿qué tal?",
    "fr": "L'homme n'est pas là !",
}
LONG = "El zorro rápido salta, sobre el perro perezoso. " * 4
SHARES = [("ef_dora", 1.0)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def weights(model_weights: ModelWeights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kokoro-onnx")
    folder.chmod(0o755)  # as it would be: programs are not who the tests are
    return model_weights.kokoro(folder)


@pytest.fixture(scope="module")
def model(weights: Path) -> OnnxModel:
    return OnnxModel(find_onnx_weights(weights), threads=1)


@pytest.fixture
async def engines() -> AsyncIterator[Callable[[Path], KokoroEngine]]:
    made: list[KokoroEngine] = []

    def engine(folder: Path) -> KokoroEngine:
        made.append(KokoroEngine(Sandbox(ProcessLimits()), folder))
        return made[-1]

    yield engine
    for one in made:
        await one.close()


async def speak(engine: KokoroEngine, folder: Path, text: str, **more: str) -> Speech:
    return await engine.speak(
        Utterance(text=text, **more),  # type: ignore[arg-type]
        target=folder / "said.wav",
        scratch=folder,
        report=lambda _: None,
    )


def cpu_seconds(processes: list[psutil.Process]) -> float:
    return sum(process.cpu_times().user for process in processes)


@pytest.mark.parametrize("language", TEXTS)
def test_every_written_word_has_its_time_and_its_phonemes(model: OnnxModel, language: str) -> None:
    text = TEXTS[language]
    pieces = list(KokoroSynthesizer(model).speak(text, language=language))
    words = [word for piece in pieces for word in piece.words]
    assert [word.text for word in words] == [
        text[start:end] for start, end in written_words(text, language)
    ]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert all(word.end > word.start and word.phonemes for word in words)
    assert words[-1].end <= sum(len(piece.samples) for piece in pieces) / RATE


@pytest.mark.parametrize("symbols", ["a", "həlˈoʊ wˈɜɹld", "ola " * 127 + "ol"])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_the_lengths_of_the_symbols_add_up_to_the_sound(
    model: OnnxModel, symbols: str, speed: float
) -> None:
    samples, frames = model.infer(symbols, SHARES, speed)
    assert len(frames) == len(symbols) + 2
    assert sum(frames) * 600 == len(samples)
    again, _ = model.infer(symbols, SHARES, speed)
    assert np.array_equal(samples, again)


def test_times_go_on_from_passage_to_passage(model: OnnxModel) -> None:
    pieces = list(KokoroSynthesizer(model, most=45).speak(LONG, voice="ef_dora"))
    assert len(pieces) >= 4
    seams = np.cumsum([len(piece.samples) for piece in pieces]) / RATE
    for end, piece in zip(seams, pieces, strict=True):
        assert end - len(piece.samples) / RATE <= piece.words[0].start + 1e-9
        assert piece.words[-1].end <= end + 1e-9
    assert " ".join(word.text for piece in pieces for word in piece.words) == LONG.strip()


def test_the_pitch_of_a_mix_lies_between_its_voices(model: OnnxModel) -> None:
    def crossings(shares: list[tuple[str, float]]) -> int:
        samples, _ = model.infer("m" * 60, shares, 1.0)
        return int(np.count_nonzero(np.diff(np.signbit(samples))))

    one, other = sorted((crossings([("af_heart", 1.0)]), crossings([("af_bella", 1.0)])))
    assert one < crossings([("af_heart", 0.5), ("af_bella", 0.5)]) < other


async def test_ten_at_once_load_one_model(
    weights: Path, engines: Callable[[Path], KokoroEngine], tmp_path: Path
) -> None:
    engine = engines(weights)
    folders = [tmp_path / str(number) for number in range(10)]
    for folder in folders:
        folder.mkdir()
    told = await asyncio.gather(
        *(speak(engine, folder, "Diez.", language="es") for folder in folders)
    )
    assert engine.status.started == 1
    assert engine.status.about == {
        "backend": "onnx",
        "device": "cpu",
        "weights": "kokoro-v1.0.int8.onnx",
    }
    assert {voice.name for voice in await engine.voices()} >= set(VOICES)
    for speech in told:
        with wave.open(str(speech.path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
            assert file.getnframes() == round(speech.seconds * RATE)
        assert [word.text for word in speech.words] == ["Diez."]


async def test_cancelling_within_a_passage_stops_the_graph_and_keeps_the_model(
    engines: Callable[[Path], KokoroEngine], tmp_path: Path
) -> None:
    started = started_since()
    folder = tmp_path / "weights"
    engine = engines(make_onnx_weights(folder, endless=True))
    request = asyncio.create_task(speak(engine, tmp_path, "Nunca acaba.", language="es"))
    await asyncio.to_thread(wait_until, lambda: bool(engine.status.about), what="loading")
    loaded = cpu_seconds(started())
    await asyncio.to_thread(wait_until, lambda: cpu_seconds(started()) > loaded + 1)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert (engine.status.busy, engine.status.up, engine.status.started) == (0, 1, 1)


async def test_what_is_wrong_is_said_before_a_model_is_loaded(
    weights: Path, engines: Callable[[Path], KokoroEngine], tmp_path: Path
) -> None:
    engine = engines(weights)
    with pytest.raises(InvalidRequest, match="af_heart"):
        await speak(engine, tmp_path, "Hm.", voice="af_nobody")
    with pytest.raises(InvalidRequest, match="pt-BR"):
        await speak(engine, tmp_path, "Hm.", language="de")
    assert engine.status.started == 0


async def test_a_damaged_model_names_the_file_and_the_remedy(
    engines: Callable[[Path], KokoroEngine], tmp_path: Path
) -> None:
    path = make_onnx_weights(tmp_path) / "kokoro-v1.0.int8.onnx"
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(EngineMissing, match=rf"{path.name} is damaged.*gala weights pull kokoro"):
        await speak(engines(tmp_path), tmp_path, "Hm.")


@pytest.mark.parametrize("content", [b"", b"\0" * 999, b"version https://git-lfs.github.com"])
def test_a_file_that_is_no_model_names_the_remedy(content: bytes, tmp_path: Path) -> None:
    (make_onnx_weights(tmp_path) / "kokoro-v1.0.int8.onnx").write_bytes(content)
    with pytest.raises(EngineMissing, match="gala weights pull kokoro"):
        OnnxModel(find_onnx_weights(tmp_path), threads=1)


def test_another_model_is_not_taken_for_kokoro(tmp_path: Path) -> None:
    folder = make_onnx_weights(tmp_path, durations="/other/Clip_output_0")
    with pytest.raises(EngineMissing, match="damaged or not Kokoro's"):
        OnnxModel(find_onnx_weights(folder), threads=1)


def test_lengths_that_are_not_those_of_the_sound_are_refused(tmp_path: Path) -> None:
    folder = make_onnx_weights(tmp_path, frame=500)
    with pytest.raises(RenderFailed, match="do not add up"):
        OnnxModel(find_onnx_weights(folder), threads=1).infer("a", SHARES, 1.0)


async def test_a_graph_that_asks_for_all_memory_fails_alone(
    engines: Callable[[Path], KokoroEngine], tmp_path: Path
) -> None:
    engine = engines(make_onnx_weights(tmp_path, frame=1e12))
    with pytest.raises(RenderFailed, match=r"ONNX Runtime failed to run kokoro-v1\.0\.int8\.onnx"):
        await speak(engine, tmp_path, "Hola.", language="es")


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\xff" * 510 * 256 * 4])
def test_a_voice_that_is_no_voice_names_the_remedy(content: bytes, tmp_path: Path) -> None:
    folder = make_onnx_weights(tmp_path)
    (folder / "voices" / "ef_dora.bin").write_bytes(content)
    model = OnnxModel(find_onnx_weights(folder), threads=1)
    with pytest.raises(EngineMissing, match=r"ef_dora\.bin.*gala weights pull kokoro"):
        model.infer("a", SHARES, 1.0)
    assert len(model.infer("a", [("af_heart", 1.0)], 1.0)[0])


def test_torch_is_not_needed(weights: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'kokoro', 'transformers'): sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from gala_renderer.speech.kokoro.child import serve\n"
        f"options = {{'backend': 'onnx', 'folder': {str(weights)!r}, 'threads': 1}}\n"
        "(piece,) = serve(options)._synthesizer.speak('Hola.', language='es')\n"
        "print(*(word.text for word in piece.words))\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "Hola."


def test_a_job_speaks_with_it_and_health_says_what_runs_it(weights: Path, tmp_path: Path) -> None:
    harness = EngineHarness(tmp_path, kokoro_weights=weights)
    try:
        speech = harness.engine.services.speech
        assert (speech.default().name, speech.backends()) == ("kokoro", {"kokoro": "onnx"})
        made = harness.make("tts", {"text": "Hola, mundo.", "voice": "ef_dora"})
        with wave.open(str(made.path("audio"))) as file:
            assert file.getnframes() > RATE / 4
        by = SpokenBy(engine="kokoro", voice="ef_dora", language="es", backend="onnx")
        assert (made.outputs["audio"].speech, made.outputs["words"].speech) == ((by,), ())
        assert "spoken by kokoro (onnx) ef_dora es" in made.logs
        spanish = {"text": "Hola.", "language": "es"}
        made = harness.make(
            "dialogue", {"turns": [spanish, {"text": "Sí.", "voice": "es+f3"}, spanish]}
        )
        assert made.outputs["audio"].speech == (
            by,
            SpokenBy(engine="espeak", voice="es+f3", language="es"),
        )
    finally:
        harness.close()


@pytest.mark.timeout(PULL_SECONDS)
async def test_the_published_weights_say_words_where_they_sound(
    engines: Callable[[Path], KokoroEngine], real_weights: PulledWeights, tmp_path: Path
) -> None:
    engine = engines(real_weights("kokoro") / "kokoro-onnx")
    for text, voice in (
        ("Hello there, my friends.", "af_heart"),
        ("Buenos días a todos.", "ef_dora:0.5+em_alex:0.5"),
    ):
        speech = await speak(engine, tmp_path, text, voice=voice)
        with wave.open(str(speech.path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        assert len(samples) == speech.seconds * RATE
        audible = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max()) / RATE
        assert [word.text for word in speech.words] == text.split()
        assert speech.words[0].start == pytest.approx(audible[0], abs=0.1)
        assert speech.words[-1].end == pytest.approx(audible[-1], abs=0.2)
