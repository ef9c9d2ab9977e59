"""What ``GET /v1/models`` tells about a model."""

from __future__ import annotations

from typing import Any

from gala_api.openai.model_names import backend_of

VOICES: dict[str, Any] = {
    "default": "kokoro",
    "engines": {"espeak": [], "kokoro": []},
    "backends": {"kokoro": "onnx"},
}


def test_a_model_names_what_runs_it_and_openais_names_that_of_the_default_engine() -> None:
    assert [backend_of(name, VOICES) for name in ("kokoro", "tts-1", "espeak", "whisper-1")] == [
        *("onnx", "onnx"),
        *(None, None),
    ]
    assert backend_of("tts-1", {**VOICES, "default": "espeak"}) is None


def test_a_renderer_that_names_no_backends_is_understood() -> None:
    assert backend_of("kokoro", {"default": "kokoro", "engines": {"kokoro": []}}) is None
