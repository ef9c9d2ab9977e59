"""Routes for speech and transcription, compatible with OpenAI's SDK."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.responses import PlainTextResponse

from gala.asgi import CLIENT_CLOSED_REQUEST, StreamedResponse, while_connected
from gala.errors import ErrorCode, GalaError, NotFound
from gala.permissions import Permission
from gala.render_types.params.voice import SpeechEngineName
from gala.speech_protocol import SPEECH_MIMES, SpeechRequest
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.errors.status import STATUS
from gala_api.errors.validation import invalid_fields, nearest, remedy
from gala_api.http.json_body import JsonRoute
from gala_api.http.uploads import receive_form
from gala_api.jobs.transcription import transcribe
from gala_api.openai import transcript_formats
from gala_api.openai.schemas import (
    DEFAULT_MODEL,
    CreateSpeechRequest,
    ModelsResponse,
    OpenAIError,
    SpeechModel,
    SpeechVoice,
    Transcription,
    VoicesResponse,
)
from gala_api.rate_limit.upload_quota import upload_limit

router = APIRouter(prefix="/v1", tags=["Speech"], route_class=JsonRoute)

_SPEECH_MODELS: Final = (DEFAULT_MODEL, "tts-1-hd", "gpt-4o-mini-tts")
"""OpenAI's names: all of them select the best available engine."""
_TRANSCRIPTION_MODELS: Final = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
_ENGINES: Final = tuple(name for name in SpeechEngineName if name is not SpeechEngineName.AUTO)
_FIELD_NAMES: Final = {"text": "input", "format": "response_format", "engine": "model"}
_EVENT: Final = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
}
_FILES: Final = frozenset({"file"})


def _errors(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    responses: dict[int | str, dict[str, Any]] = {}
    for code in sorted({*codes, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL_ERROR}):
        declared = responses.setdefault(STATUS[code], {"model": OpenAIError, "description": ""})
        name = f"`{code.lower()}`"
        declared["description"] = " or ".join(filter(None, [declared["description"], name]))
    return dict(sorted(responses.items(), key=lambda item: int(item[0])))


@router.post(
    "/audio/speech",
    summary="Generate speech",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses={
        200: {
            "description": "The audio, sent while it is being generated.",
            "content": {
                **{
                    mime: {"schema": {"type": "string", "format": "binary"}}
                    for mime in SPEECH_MIMES.values()
                },
                "text/event-stream": {"schema": _EVENT},
            },
        },
        **_errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.NOT_FOUND,
            ErrorCode.ENGINE_MISSING,
            ErrorCode.RATE_LIMITED,
        ),
    },
)
async def create_speech(
    body: CreateSpeechRequest, request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Generate speech; playback can start before all of it is generated."""
    speech = _speech_request(body)
    payload = speech.model_dump(mode="json")
    chunks = None
    try:
        async with while_connected(request.receive):
            chunks = await services.stream_limit.stream(
                owner, lambda: services.renderer.open("/speech", payload)
            )
    except GalaError as error:
        raise _with_own_field_names(error) from error
    if chunks is None:
        # The client disconnected before the first audio.
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    if body.stream_format == "sse":
        return StreamedResponse(_as_events(chunks), "text/event-stream")
    return StreamedResponse(chunks, SPEECH_MIMES[speech.format])


def _speech_request(body: CreateSpeechRequest) -> SpeechRequest:
    values = {
        "text": body.input,
        "engine": _engine(body.model),
        "voice": body.voice_name or None,
        "language": body.language,
        "speed": body.speed,
        "format": body.response_format,
    }
    try:
        return SpeechRequest.parse(values)
    except ValidationError as error:
        raise _with_own_field_names(invalid_fields(error.errors(), model=SpeechRequest)) from error


def _engine(model: str) -> str:
    if model in _SPEECH_MODELS:
        return SpeechEngineName.AUTO
    if model in _ENGINES:
        return model
    raise _unknown_model(model, (*_SPEECH_MODELS, *_ENGINES))


def _unknown_model(model: str, known: tuple[str, ...]) -> NotFound:
    advice = remedy(nearest(model, known), known)
    return NotFound(f"model: There is no model {model[:80]!r}; {advice}", field="model")


def _with_own_field_names(error: GalaError) -> GalaError:
    """Return the error with this route's field name instead of the engine's."""
    field = str(error.details.get("field", ""))
    plain = field.rpartition(".")[2]
    own = _FIELD_NAMES.get(plain, plain)
    message = error.message.replace(field, own, 1) if field else error.message
    return type(error)(message, hint=error.hint, field=own or None)


async def _as_events(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        async for chunk in chunks:
            if not chunk:
                continue
            audio = base64.b64encode(chunk).decode()
            yield _event({"type": "speech.audio.delta", "audio": audio})
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(data: dict[str, Any]) -> bytes:
    return b"data: %s\n\n" % to_json(data)


@router.get(
    "/audio/voices",
    summary="List voices",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=_errors(),
)
async def list_voices(services: ServicesDep) -> VoicesResponse:
    """Return the voices of all available engines, those of the default engine first."""
    answer = await services.renderer.get("/voices")
    engines = sorted(answer["engines"], key=lambda name: name != answer["default"])
    return VoicesResponse(
        voices=[
            SpeechVoice(
                id=voice["name"],
                name=voice["description"] or voice["name"],
                engine=engine,
                language=voice["language"],
                gender=voice["gender"],
            )
            for engine in engines
            for voice in answer["engines"][engine]
        ]
    )


@router.get(
    "/models",
    summary="List speech models",
    operation_id="listSpeechModels",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=_errors(),
)
async def list_speech_models(services: ServicesDep) -> ModelsResponse:
    """Return the names allowed as `model` for speech and transcription."""
    answer = await services.renderer.get("/voices")
    names = [*_SPEECH_MODELS, *answer["engines"], *_TRANSCRIPTION_MODELS]
    return ModelsResponse(data=[SpeechModel(id=name) for name in names])


@router.post(
    "/audio/transcriptions",
    summary="Transcribe an audio file",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=transcript_formats.FORM,
    response_model=Transcription,
    responses={
        200: {"content": transcript_formats.RESPONSES, "description": "The transcript."},
        **_errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.NOT_FOUND,
            ErrorCode.PAYLOAD_TOO_LARGE,
            ErrorCode.UNSUPPORTED_MEDIA,
            ErrorCode.UNPROCESSABLE_MEDIA,
            ErrorCode.ENGINE_MISSING,
            ErrorCode.QUOTA_EXCEEDED,
        ),
    },
)
async def create_transcription(
    request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Transcribe an audio file as text, as subtitles, or with the time of every word."""
    staging = services.settings.uploads
    async with (
        upload_limit(services, owner) as max_bytes,
        receive_form(request, staging=staging, files=_FILES, max_bytes=max_bytes) as form,
    ):
        options = transcript_formats.read(form)
        if options.model not in _TRANSCRIPTION_MODELS and not options.model.startswith("whisper"):
            raise _unknown_model(options.model, _TRANSCRIPTION_MODELS)
        transcript = await transcribe(request, services, owner, form.files["file"], options.params)
    mime, text = transcript_formats.write(transcript, options)
    if mime == "application/json":
        return Response(text, media_type=mime)
    return PlainTextResponse(text, media_type=mime)
