"""Whisper in a worker process: the real code with tiny weights, which recognise gibberish."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gala.errors import EngineMissing, ErrorCode, InvalidRequest
from gala.installation import install_hint
from gala_renderer.sandbox.runner import ProcessLimits, Sandbox
from gala_renderer.transcription.whisper import WhisperTranscriber, WhisperTranscript
from gala_renderer.transcription.whisper_worker import WhisperWorker
from tests.fakes.media_files import VIDEO, make
from tests.support.engine import EngineHarness
from tests.support.whisper_weights import make_whisper


@pytest.fixture(scope="module")
def weights(whisper_weights: Path) -> Path:
    return whisper_weights


@pytest.fixture(scope="module")
def harness(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHarness]:
    """An engine with these weights where ``gala weights pull`` puts them."""
    harness = EngineHarness(
        tmp_path_factory.mktemp("harness"), whisper_model="tiny", gala_weights_dir=weights.parent
    )
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def whisper(weights: Path) -> WhisperTranscriber:
    return WhisperTranscriber(weights)


def sound(path: Path, *seconds_and_levels: tuple[float, float]) -> Path:
    """Write noise of these lengths and levels, in order."""
    chance = np.random.default_rng(0)
    parts = [chance.normal(0, level, round(s * 16_000)) for s, level in seconds_and_levels]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.concatenate(parts).clip(-32768, 32767).astype("<i2").tobytes())
    return path


def assert_sane(heard: WhisperTranscript) -> None:
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert all(0 <= time <= heard.seconds for time in times)
    assert all(0 <= word.probability <= 1 for word in heard.words)
    assert all(word.text == word.text.strip() != "" for word in heard.words)


def test_a_sound_becomes_segments_and_words(whisper: WhisperTranscriber, tmp_path: Path) -> None:
    told: list[float] = []
    heard = whisper.transcribe(sound(tmp_path / "a.wav", (2, 3000)), report=told.append)
    assert heard.seconds == 2
    assert heard.text
    assert heard.words
    assert_sane(heard)
    assert told == sorted(told)
    assert told[-1] == 1


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> WhisperTranscriber:
    folder = tmp_path_factory.mktemp("multilingual") / "whisper-tiny"
    return WhisperTranscriber(make_whisper(folder, multilingual=True))


def test_a_translation_is_another_task_than_a_transcription(
    polyglot: WhisperTranscriber, tmp_path: Path
) -> None:
    noise = sound(tmp_path / "a.wav", (2, 3000))
    english = polyglot.transcribe(noise, "es", translate=True)
    assert english.text
    assert english.language == "es"
    assert english.text != polyglot.transcribe(noise, "es").text


def test_a_model_that_only_knows_english_refuses_to_translate(
    whisper: WhisperTranscriber, tmp_path: Path
) -> None:
    noise = sound(tmp_path / "a.wav", (0.5, 3000))
    with pytest.raises(InvalidRequest, match=r"knows only English.*WHISPER_MODEL") as refusal:
        whisper.transcribe(noise, translate=True)
    assert refusal.value.details["field"] == "params.translate"


def test_a_model_trained_without_translation_refuses_to_translate(
    polyglot: WhisperTranscriber, tmp_path: Path
) -> None:
    turbo = tmp_path / "whisper-large-v3-turbo"
    turbo.symlink_to(polyglot.folder)
    with pytest.raises(InvalidRequest, match="trained without translation"):
        WhisperTranscriber(turbo).transcribe(sound(tmp_path / "a.wav", (0.5, 3000)), translate=True)


def test_silence_is_not_heard_as_words(whisper: WhisperTranscriber, tmp_path: Path) -> None:
    heard = whisper.transcribe(sound(tmp_path / "a.wav", (2, 3)))
    assert heard.segments == ()
    assert heard.seconds == 2


def test_what_is_not_speech_can_be_left_out(whisper: WhisperTranscriber, tmp_path: Path) -> None:
    assert whisper.transcribe(sound(tmp_path / "a.wav", (2, 3000)), vad=True).segments == ()


def test_an_empty_file_has_no_words(whisper: WhisperTranscriber, tmp_path: Path) -> None:
    assert whisper.transcribe(sound(tmp_path / "a.wav", (0, 0))).segments == ()


def test_a_long_sound_is_heard_in_parts_that_are_cut_where_it_is_quiet(
    whisper: WhisperTranscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gala_renderer.transcription.whisper._STRETCH_SECONDS", 4)
    monkeypatch.setattr("gala_renderer.transcription.whisper._CUT_SECONDS", 2)
    path = sound(tmp_path / "a.wav", (2.9, 3000), (0.2, 0), (2.9, 3000), (8, 0), (1, 3000))
    heard = whisper.transcribe(path, beam_size=1)
    assert heard.seconds == 15
    assert_sane(heard)
    starts = [segment.start for segment in heard.segments]
    assert starts == sorted(starts)
    assert any(3 <= start < 6 for start in starts)
    assert not any(6.5 <= start < 12 for start in starts)
    assert starts[-1] >= 12


def test_where_nothing_was_heard_the_language_is_not_known_for_the_rest(
    whisper: WhisperTranscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gala_renderer.transcription.whisper._STRETCH_SECONDS", 4)
    monkeypatch.setattr("gala_renderer.transcription.whisper._CUT_SECONDS", 2)
    model, given = whisper._model, []

    def transcribe(samples: Any, **asked: Any) -> Any:
        given.append(asked["language"])
        return model.transcribe(samples, **asked)

    # The tiny weights know one language; as multilingual ones they would have to detect it.
    many = SimpleNamespace(model=SimpleNamespace(is_multilingual=True), transcribe=transcribe)
    monkeypatch.setattr(whisper, "_model", many)
    whisper.transcribe(sound(tmp_path / "a.wav", (8, 3000)), vad=True)
    assert len(given) > 1
    assert set(given) == {None}
    given.clear()
    heard = whisper.transcribe(sound(tmp_path / "a.wav", (8, 3000)), beam_size=1)
    assert given[0] is None
    assert set(given[1:]) == {heard.language}


def test_a_language_that_the_model_does_not_understand_is_refused(
    whisper: WhisperTranscriber, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match=r"params\.language"):
        whisper.transcribe(sound(tmp_path / "a.wav", (1, 3000)), "tlh")


def test_missing_and_broken_weights_say_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "whisper-small"
    with pytest.raises(EngineMissing, match="gala weights pull whisper:small"):
        WhisperTranscriber(folder)
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineMissing, match="cannot be loaded"):
        WhisperTranscriber(folder)


def test_the_type_gives_words_segments_and_captions(
    harness: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = harness.make(
        "transcribe", {"language": "en-GB", "beam_size": 1, "vad": False}, audio=samples("video")
    )
    told = json.loads(made.path("words").read_text())
    assert told["language"] == "en"
    assert told["duration"] == pytest.approx(3, abs=0.1)
    assert {"text", "start_ts", "end_ts", "probability"} == set(told["words"][0])
    assert {"text", "start_ts", "end_ts"} == set(told["segments"][0])
    assert told["text"] == " ".join(segment["text"] for segment in told["segments"])
    assert made.path("captions").read_text().startswith("WEBVTT\n")
    assert made.fractions == sorted(made.fractions)
    assert made.fractions[-1] == 1


def test_words_may_be_left_without_times(
    harness: EngineHarness, samples: Callable[[str], Path]
) -> None:
    made = harness.make(
        "transcribe",
        {"beam_size": 1, "word_timestamps": False, "vad": False},
        audio=samples("voice"),
    )
    told = json.loads(made.path("words").read_text())
    assert told["words"] == []
    assert told["segments"]
    assert " --> " in made.path("captions").read_text()


def test_silence_gives_empty_outputs(harness: EngineHarness, tmp_path: Path) -> None:
    made = harness.make("transcribe", {}, audio=sound(tmp_path / "a.wav", (1, 0)))
    told = json.loads(made.path("words").read_text())
    assert (told["language"], told["words"], told["text"]) == (None, [], "")
    assert " --> " not in made.path("captions").read_text()


def test_a_file_without_sound_is_refused_by_its_field(
    harness: EngineHarness, tmp_path: Path
) -> None:
    made = harness.make("transcribe", {}, audio=make(tmp_path / "a.mp4", *VIDEO))
    assert made.error.code is ErrorCode.UNPROCESSABLE_MEDIA
    assert "inputs.audio_asset_id" in made.error.message


def test_without_weights_the_job_says_how_to_get_them(
    tmp_path: Path, samples: Callable[[str], Path]
) -> None:
    harness = EngineHarness(tmp_path, gala_weights_dir=tmp_path / "none", whisper_model="small")
    try:
        made = harness.make("transcribe", {}, audio=samples("voice"))
    finally:
        harness.close()
    assert made.error.code is ErrorCode.ENGINE_MISSING
    assert "gala weights pull whisper:small" in made.error.message


@pytest.mark.parametrize(
    ("type_name", "inputs"),
    [
        ("transcribe", {"audio": "voice"}),
        ("caption_video", {"video": "video"}),
        ("captioned_video", {"voice": "voice", "background": "picture"}),
    ],
)
def test_without_faster_whisper_the_job_says_what_to_install(
    type_name: str,
    inputs: dict[str, str],
    tmp_path: Path,
    samples: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_of_it(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("gala_renderer.transcription.whisper.find_spec", lambda _: None)
    monkeypatch.setattr("gala_renderer.transcription.whisper_worker.version", none_of_it)
    harness = EngineHarness(tmp_path)
    try:
        made = harness.make(type_name, **{name: samples(of) for name, of in inputs.items()})
    finally:
        harness.close()
    assert made.error.code is ErrorCode.ENGINE_MISSING
    assert install_hint("whisper") in made.error.message


def test_several_at_once_share_one_process_that_ends_with_the_listener(
    weights: Path, tmp_path: Path
) -> None:
    path = sound(tmp_path / "a.wav", (1, 3000))

    async def several() -> tuple[int, int, int]:
        listener = WhisperWorker(
            Sandbox(ProcessLimits()), model=str(weights), weights=weights, device="cpu",
            compute_type="int8",
        )  # fmt: skip
        heard = await asyncio.gather(*(listener.transcribe(path, beam_size=1) for _ in range(3)))
        assert all(one.words for one in heard)
        up = listener.status.up
        await listener.close()
        return listener.status.started, up, listener.status.up

    assert asyncio.run(several()) == (1, 1, 0)


def test_a_cancelled_listening_leaves_nothing(weights: Path, tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", (31, 3000))

    async def cancel() -> int:
        listener = WhisperWorker(
            Sandbox(ProcessLimits()), model=str(weights), weights=weights, device="auto",
            compute_type="default",
        )  # fmt: skip
        begun = asyncio.Event()
        task = asyncio.create_task(
            listener.transcribe(path, beam_size=1, report=lambda _: begun.set())
        )
        async with asyncio.timeout(60):
            await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await listener.transcribe(sound(path, (1, 3000)), beam_size=1)).seconds == 1
        await listener.close()
        return listener.status.up

    assert asyncio.run(cancel()) == 0
