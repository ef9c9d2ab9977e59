"""Speech that is relayed from the renderer while it is synthesized, without a job."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from gala.asgi import while_connected
from gala.db.engine import transaction
from gala.errors import GalaError
from gala.speech_protocol import SPEAKER_HEADERS, SpeechRequest
from gala_api.dependencies import Services
from gala_api.errors.validation import invalid_fields
from gala_api.owner_pronunciations import with_owner_list

FieldNames = Mapping[str, str]
"""Fields of a SpeechRequest → the fields of an adapter's request body."""

SPEAKER_HEADER_SCHEMAS: Final = {
    name: {"description": description, "schema": {"type": "string"}}
    for name, description in SPEAKER_HEADERS.items()
}
"""Their description in OpenAPI."""


def speech_request(values: Mapping[str, Any], names: FieldNames) -> SpeechRequest:
    """Return the valid request; raise InvalidRequest with the adapter's name of the field."""
    try:
        return SpeechRequest.parse(values)
    except ValidationError as error:
        invalid = invalid_fields(error.errors(), model=SpeechRequest)
        raise _with_names(invalid, names) from error


@dataclass(frozen=True, slots=True)
class RelayedSpeech:
    """The renderer's response, and the response headers that say who speaks."""

    chunks: AsyncGenerator[bytes, None]
    headers: Mapping[str, str]


async def open_speech(
    request: Request, services: Services, owner: str, speech: SpeechRequest, names: FieldNames
) -> RelayedSpeech | None:
    """Return the renderer's response once it begins, or None if the client disconnects before.

    Raise RateLimited if the owner has too many open streams, or the renderer's error.
    """
    chunks = None
    speaker: dict[str, str] = {}

    def on_head(headers: Mapping[str, str]) -> None:
        speaker.update({name: headers[name] for name in SPEAKER_HEADERS if name in headers})

    try:
        speech = await run_in_threadpool(_with_owner_list, services, owner, speech)
        payload = speech.model_dump(mode="json")
        async with while_connected(request.receive):
            chunks = await services.stream_limit.stream(
                owner, lambda: services.renderer.open("/speech", payload, on_head=on_head)
            )
    except GalaError as error:
        raise _with_names(error, names) from error
    return None if chunks is None else RelayedSpeech(chunks, speaker)


def _with_owner_list(services: Services, owner: str, speech: SpeechRequest) -> SpeechRequest:
    with transaction(services.sessions) as session:
        return with_owner_list(session, owner, speech, field="pronunciations")


def _with_names(error: GalaError, names: FieldNames) -> GalaError:
    """Return the error with the adapter's field name instead of the engine's."""
    field = str(error.details.get("field", ""))
    plain = field.rpartition(".")[2]
    own = names.get(plain, plain)
    message = error.message.replace(field, own, 1) if field else error.message
    return type(error)(message, hint=error.hint, field=own or None)
