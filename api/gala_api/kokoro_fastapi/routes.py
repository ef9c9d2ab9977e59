"""Kokoro-FastAPI's routes: captioned speech, and what GALA does not offer."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.responses import JSONResponse

from gala.asgi import (
    CLIENT_CLOSED_REQUEST,
    ClientDisconnected,
    StreamedResponse,
    run_while_connected,
)
from gala.errors import EngineMissing
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.routers import Router
from gala_api.kokoro_fastapi import speech
from gala_api.kokoro_fastapi.errors import COMBINE
from gala_api.kokoro_fastapi.openapi import OPENAPI_PART, errors
from gala_api.kokoro_fastapi.schemas import (
    CaptionedSpeechRequest,
    CaptionedSpeechResponse,
    PhonemeRequest,
    PhonemeResponse,
)
from gala_api.speech_relay import open_speech

router = Router(tags=[OPENAPI_PART.tag], route_class=JsonRoute)

_NO_STORE: Final = {"Cache-Control": "no-store"}
_NOT_OFFERED: Final = {
    "/dev/generate_from_phonemes": "Speech from phonemes is not offered; send the text to"
    " /dev/captioned_speech or /v1/audio/speech.",
    "/dev/dialogue": "Dialogues are not offered here; submit a job of the type dialogue.",
    COMBINE: "Voices are not combined to a file; name the mix where you use it:"
    " `voice`: 'af_bella(2)+af_sky(1)'.",
}
"""Routes of Kokoro-FastAPI, and why GALA refuses them."""


@router.post(
    "/dev/captioned_speech",
    summary="Generate speech with the times of words",
    response_model=CaptionedSpeechResponse,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(),
)
async def create_captioned_speech(
    body: CaptionedSpeechRequest, request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Generate speech; each line of a stream is an object like the whole response."""
    relayed = await open_speech(
        request, services, owner, speech.speech_of(body), speech.FIELD_NAMES
    )
    if relayed is None:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    if body.stream:
        lines = speech.lines(relayed.chunks, body)
        return StreamedResponse(lines, "application/json", relayed.headers)
    return await _answer(request, speech.whole(relayed.chunks, body), relayed.headers)


@router.post(
    "/dev/phonemize",
    summary="Convert text to phonemes",
    response_model=PhonemeResponse,
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(),
)
async def phonemize(
    body: PhonemeRequest, request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Return the phonemes that the default speech engine speaks for the text."""
    relayed = await open_speech(
        request, services, owner, speech.pronunciation_of(body), speech.PHONEME_FIELD_NAMES
    )
    if relayed is None:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return await _answer(request, speech.phonemes(relayed.chunks), relayed.headers)


async def _answer(
    request: Request, work: Coroutine[Any, Any, BaseModel], headers: Mapping[str, str]
) -> Response:
    """Return what the work gives."""
    try:
        found = await run_while_connected(request.receive, work)
    except ClientDisconnected:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return JSONResponse(found.model_dump(), headers={**_NO_STORE, **headers})


def _add_refusal(path: str, reason: str) -> None:
    async def refuse() -> Any:
        raise EngineMissing(reason)

    router.add_api_route(
        path,
        refuse,
        methods=["POST"],
        include_in_schema=False,
        dependencies=[allowed(Permission.JOBS_WRITE)],
    )


for _path, _reason in _NOT_OFFERED.items():
    _add_refusal(_path, _reason)
