"""Speech from a service instead of GALA's engine."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.factory import ProcessingStatus, VoiceWorkflow
from gala.ids import Prefix, new_id
from tests.fakes.generation_service import SPEECH, Service

SECONDS = 30


def _workflow(service: Service, path: str = "") -> VoiceWorkflow:
    return VoiceWorkflow({"service_endpoint": service.url + path, "retry_wait": 0})


def test_a_text_is_spoken_by_a_service_of_openais_kind(service: Service) -> None:
    workflow = _workflow(service)
    task = workflow.text_to_speech("Welcome.", voice="nova", language="en").wait(SECONDS)
    assert task.error is None
    assert task.result
    assert task.result.path
    assert task.result.path.read_bytes() == service.sound
    assert (task.result.mime, task.result.path.suffix) == ("audio/wav", ".wav")
    [(path, body)] = service.asked
    assert path == SPEECH
    assert (body["input"], body["voice"]) == ("Welcome.", "nova")

    assert task.metadata["ignored"] == ["language"]

    # A generic name selects the service's default voice.
    workflow.text_to_speech("Welcome.", voice="professional").wait(SECONDS)
    assert service.asked[1][1]["voice"] == "alloy"


def test_a_text_is_spoken_by_a_service_that_takes_plain_json(service: Service) -> None:
    service.routes = {"/generate"}
    workflow = _workflow(service)
    task = workflow.text_to_speech("Welcome.", voice="professional", language="en").wait(SECONDS)
    assert task.error is None
    path, body = service.asked[-1]
    assert path == "/generate"
    assert body == {"text": "Welcome.", "voice": "professional", "language": "en", "speed": 1.0}
    assert "ignored" not in task.metadata


def test_what_a_speech_service_cannot_be_told_is_named_also_of_a_copy(service: Service) -> None:
    workflow = _workflow(service)
    wanted = {"text": "Welcome.", "engine": "kokoro", "options": {"loudness_lufs": -16}}
    for _ in range(2):
        task = workflow.process(wanted).wait(SECONDS)
        assert task.error is None
        assert task.metadata["ignored"] == ["engine", "loudness_lufs"]
    assert task.metadata["cached"] is True


def test_a_sample_goes_with_the_text_to_whoever_clones(
    service: Service, samples: Callable[[str], Path]
) -> None:
    sample = samples("voice")
    task = _workflow(service).clone_voice(sample_audio=sample, text="Cloned.").wait(SECONDS)
    assert task.error is None
    assert task.result
    assert task.result.path
    assert task.result.path.read_bytes() == service.sound
    [(path, body)] = service.asked
    assert path == "/generate"
    assert base64.b64decode(body["sample_audio"]) == sample.read_bytes()
    assert body["text"] == "Cloned."


def test_a_sample_that_cannot_be_sent_is_refused_at_once(service: Service) -> None:
    with pytest.raises(ValueError, match="sample_audio"):
        _workflow(service).clone_voice(sample_audio=new_id(Prefix.ASSET), text="Cloned.")
    assert not service.asked


def test_what_is_no_sound_is_refused(service: Service) -> None:
    service.sound = service.picture
    task = _workflow(service).text_to_speech("Welcome.").wait(SECONDS)
    assert task.status is ProcessingStatus.FAILED
    assert "no audio but image/png" in str(task.error)
