"""The models, as OpenAI's SDK and Open WebUI ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gala.errors import ErrorCode
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.routers import Router
from gala_api.openai.model_names import (
    available_models,
    backend_of,
    require_available,
    speech_models,
)
from gala_api.openai.responses import errors
from gala_api.openai.schemas import (
    AudioModel,
    AudioModelsResponse,
    ModelsResponse,
    SpeechModel,
)

router = Router(prefix="/v1", tags=["Speech"], route_class=JsonRoute)


@router.get(
    "/models",
    summary="List speech models",
    operation_id="listSpeechModels",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=errors(),
)
async def list_speech_models(services: ServicesDep) -> ModelsResponse:
    """Return the names allowed as `model` for speech and, with Whisper, for transcription."""
    voices = await services.renderer.get("/voices")
    return ModelsResponse(data=[_described(name, voices) for name in available_models(voices)])


@router.get(
    "/models/{model:path}",
    summary="Get a speech model",
    operation_id="getSpeechModel",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=errors(ErrorCode.MODEL_NOT_FOUND),
)
async def get_speech_model(model: str, services: ServicesDep) -> SpeechModel:
    """Return the model of this name, if it is among those of `GET /v1/models`."""
    voices = await services.renderer.get("/voices")
    require_available(model, voices)
    return _described(model, voices)


@router.get(
    "/audio/models",
    summary="List models for text to speech",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=errors(),
)
async def list_audio_models(services: ServicesDep) -> AudioModelsResponse:
    """Return the names allowed as `model` for speech, in the format that Open WebUI reads."""
    names = speech_models(await services.renderer.get("/voices"))
    return AudioModelsResponse(models=[AudioModel(id=name, name=name) for name in names])


def _described(model: str, voices: Mapping[str, Any]) -> SpeechModel:
    return SpeechModel(id=model, backend=backend_of(model, voices))
