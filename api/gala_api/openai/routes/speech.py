"""Speech, compatible with OpenAI's SDK."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from gala.asgi import CLIENT_CLOSED_REQUEST, StreamedResponse
from gala.errors import ErrorCode
from gala.permissions import Permission
from gala.render_types.params.voice import SpeechEngineName
from gala.speech_protocol import SPEECH_MIMES, SpeechRequest
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.routers import Router
from gala_api.openai.events import EVENT_SCHEMA, EVENT_STREAM, event
from gala_api.openai.model_names import speech_engine
from gala_api.openai.responses import errors
from gala_api.openai.schemas import CreateSpeechRequest, SpeechVoice, VoicesResponse
from gala_api.speech_relay import SPEAKER_HEADER_SCHEMAS, open_speech, speech_request
from gala_api.voice_catalogue import ListedVoice, sample_url

router = Router(prefix="/v1", tags=["Speech"], route_class=JsonRoute)

_FIELD_NAMES: Final = {"text": "input", "format": "response_format", "engine": "model"}


@router.post(
    "/audio/speech",
    summary="Generate speech",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses={
        200: {
            "description": "The audio, sent while it is being generated.",
            "headers": SPEAKER_HEADER_SCHEMAS,
            "content": {
                **{
                    mime: {"schema": {"type": "string", "format": "binary"}}
                    for mime in SPEECH_MIMES.values()
                },
                EVENT_STREAM: {"schema": EVENT_SCHEMA},
            },
        },
        **errors(
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
    relayed = await open_speech(request, services, owner, speech, _FIELD_NAMES)
    if relayed is None:
        # The client disconnected before the first audio.
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    if body.stream_format == "sse":
        return StreamedResponse(_as_events(relayed.chunks), EVENT_STREAM, relayed.headers)
    return StreamedResponse(relayed.chunks, SPEECH_MIMES[speech.format], relayed.headers)


def _speech_request(body: CreateSpeechRequest) -> SpeechRequest:
    values = {
        "text": body.input,
        "engine": speech_engine(body.model),
        "voice": body.voice_name or None,
        "language": body.language,
        "speed": body.speed,
        "format": body.response_format,
    }
    return speech_request(values, _FIELD_NAMES)


async def _as_events(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        async for chunk in chunks:
            if not chunk:
                continue
            audio = base64.b64encode(chunk).decode()
            yield event({"type": "speech.audio.delta", "audio": audio})
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    yield event({"type": "speech.audio.done", "usage": usage})


@router.get(
    "/audio/voices",
    summary="List voices",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=errors(),
)
async def list_voices(services: ServicesDep) -> VoicesResponse:
    """Return the voices of all available engines, those of the default engine first."""
    listing = await run_in_threadpool(services.voices.current)
    base_url = services.settings.base_url
    return VoicesResponse(voices=[_described(voice, base_url) for voice in listing.voices])


def _described(voice: ListedVoice, base_url: str) -> SpeechVoice:
    return SpeechVoice(
        id=voice.name,
        # Clients of Kokoro-FastAPI expect Kokoro's voices by their names in requests.
        name=voice.name if voice.engine == SpeechEngineName.KOKORO else voice.title,
        engine=voice.engine,
        language=voice.language,
        gender=voice.gender,
        licence=voice.licence,
        description=voice.description,
        sample_url=sample_url(base_url, voice.engine, voice.name),
    )
