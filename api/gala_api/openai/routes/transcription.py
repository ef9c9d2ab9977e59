"""Transcription, and translation to English, compatible with OpenAI's SDK."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import PlainTextResponse

from gala.errors import ErrorCode, InvalidRequest
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.routers import Router
from gala_api.http.uploads import receive_form
from gala_api.jobs.transcription import transcribe
from gala_api.openai import transcript_form, transcript_formats
from gala_api.openai.events import EVENT_SCHEMA, EVENT_STREAM
from gala_api.openai.model_names import whisper_size
from gala_api.openai.responses import errors
from gala_api.openai.schemas import Transcription
from gala_api.openai.transcript_form import FormFields
from gala_api.rate_limit.upload_quota import upload_limit

router = Router(prefix="/v1", tags=["Speech"], route_class=JsonRoute)

_FILES: Final = frozenset({"file"})
_FIELD_NAMES: Final = {
    "params.language": "language",
    "params.model": "model",
    "params.translate": "model",
}
"""Params of the render type ``transcribe`` → this API's fields."""
_ERRORS: Final = errors(
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.NOT_FOUND,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA,
    ErrorCode.UNPROCESSABLE_MEDIA,
    ErrorCode.ENGINE_MISSING,
    ErrorCode.QUOTA_EXCEEDED,
)


def _responses(description: str, *, events: bool) -> dict[int | str, dict[str, Any]]:
    content = {**transcript_formats.RESPONSES}
    if events:
        content[EVENT_STREAM] = {"schema": EVENT_SCHEMA}
    return {200: {"content": content, "description": description}, **_ERRORS}


@router.post(
    "/audio/transcriptions",
    summary="Transcribe an audio file",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=transcript_form.described(transcript_form.TRANSCRIPTION),
    response_model=Transcription,
    responses=_responses("The transcript; with `stream`, as events.", events=True),
)
async def create_transcription(
    request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Transcribe an audio file as text, as subtitles, or with the time of every word."""
    return await _recognized(request, services, owner, transcript_form.TRANSCRIPTION)


@router.post(
    "/audio/translations",
    summary="Translate an audio file to English text",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    openapi_extra=transcript_form.described(transcript_form.TRANSLATION),
    response_model=Transcription,
    responses=_responses("The English text.", events=False),
)
async def create_translation(request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """Transcribe speech of any language as English text, or as English subtitles."""
    return await _recognized(request, services, owner, transcript_form.TRANSLATION)


async def _recognized(
    request: Request, services: Services, owner: str, fields: FormFields
) -> Response:
    staging = services.settings.uploads
    async with (
        upload_limit(services, owner) as max_bytes,
        receive_form(request, staging=staging, files=_FILES, max_bytes=max_bytes) as form,
    ):
        options = transcript_form.read(form, fields)
        params = {**options.params, "model": whisper_size(options.model)}
        try:
            transcript = await transcribe(request, services, owner, form.files["file"], params)
        except InvalidRequest as error:
            raise _with_own_field_names(error) from error
    mime, text = transcript_formats.write(transcript, options)
    if mime in {"application/json", EVENT_STREAM}:
        return Response(text, media_type=mime)
    return PlainTextResponse(text, media_type=mime)


def _with_own_field_names(error: InvalidRequest) -> InvalidRequest:
    """Return the error with this API's field name in place of the render type's."""
    for param, own in _FIELD_NAMES.items():
        if param in error.message:
            return InvalidRequest(error.message.replace(param, own), hint=error.hint, field=own)
    return error
