"""The names allowed as ``model``: OpenAI's, and those of GALA's speech engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gala.errors import ModelNotFound, NotFound
from gala.render_types.params.transcription import WHISPER_SIZES
from gala.render_types.params.voice import SpeechEngineName
from gala_api.errors.validation import nearest, remedy
from gala_api.openai.schemas import DEFAULT_MODEL

SPEECH_MODELS: Final = (DEFAULT_MODEL, "tts-1-hd", "gpt-4o-mini-tts")
"""OpenAI's names: all of them select the best available engine."""
TRANSCRIPTION_MODELS: Final = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
_ENGINES: Final = tuple(name for name in SpeechEngineName if name is not SpeechEngineName.AUTO)


def speech_engine(model: str) -> str:
    """Return the name of the engine that a speech model selects; raise NotFound."""
    if model in SPEECH_MODELS:
        return SpeechEngineName.AUTO
    if model in _ENGINES:
        return model
    raise unknown_model(model, (*SPEECH_MODELS, *_ENGINES))


def whisper_size(model: str) -> str | None:
    """Return the size that a transcription model names: ``base`` for ``whisper-base``.

    None means the renderer's choice. Raise NotFound if there is no model of this name.
    """
    if model not in TRANSCRIPTION_MODELS and not model.startswith("whisper"):
        raise unknown_model(model, TRANSCRIPTION_MODELS)
    size = model.removeprefix("whisper")[1:]
    return size if size in WHISPER_SIZES else None


def unknown_model(model: str, known: tuple[str, ...], error: type[NotFound] = NotFound) -> NotFound:
    """Return the error for an unknown model: it names the model meant, or all known ones."""
    advice = remedy(nearest(model, known), known)
    return error(f"model: There is no model {model[:80]!r}; {advice}", field="model")


def require_available(model: str, voices: Mapping[str, Any]) -> None:
    """Raise ModelNotFound, with what to install if that is why it is not available."""
    names = available_models(voices)
    if model in names:
        return
    if model in TRANSCRIPTION_MODELS:
        raise ModelNotFound(f"model: {voices['transcription_missing']}", field="model")
    raise unknown_model(model, names, ModelNotFound)


def speech_models(voices: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names for speech, given the renderer's list of voices."""
    return (*SPEECH_MODELS, *voices["engines"])


def available_models(voices: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all names that work now: those for transcription only if Whisper is installed."""
    without_whisper = voices.get("transcription_missing")
    return (*speech_models(voices), *(() if without_whisper else TRANSCRIPTION_MODELS))


def backend_of(model: str, voices: Mapping[str, Any]) -> str | None:
    """Return what runs the model, given the renderer's list of voices; None if it has no choice."""
    engine = voices["default"] if model in SPEECH_MODELS else model
    backend: str | None = voices.get("backends", {}).get(engine)
    return backend
