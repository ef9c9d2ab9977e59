"""The catalogue of voices, with a spoken sample of each."""

from __future__ import annotations

import hashlib
from contextlib import aclosing
from typing import Annotated, Final, Literal

from fastapi import Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from gala.asgi import CLIENT_CLOSED_REQUEST, ClientDisconnected, run_while_connected
from gala.errors import ErrorCode, GalaError, NotFound, PreconditionFailed
from gala.name_suggestions import VOICE_LISTING, suggestion
from gala.permissions import Permission
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.voice import SpeechEngineName
from gala.speech_protocol import SAMPLE_MIME
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.conditional_requests import Validators, Verdict, evaluate, range_applies
from gala_api.http.paging import KnownQuery, Search
from gala_api.http.range_requests import requested_range
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.voices import CatalogueEngine, CatalogueVoice, VoiceCatalogueResponse
from gala_api.voice_catalogue import ListedVoice, VoiceListing, sample_url

router = Router(tags=["Voices"])

_FRESH_SECONDS: Final = 7 * 24 * 3600
_MAX_SAMPLE_BYTES: Final = 4 * 1024**2

Language = Annotated[
    LanguageTag | None,
    Query(description="Only voices of this language, `es`, or variety of it, `en-GB`."),
]
Engine = Annotated[
    SpeechEngineName | None, Query(description="Only voices of this engine; `auto` is any.")
]
Gender = Annotated[Literal["female", "male"] | None, Query(description="Only these voices.")]
VoiceId = Annotated[
    str, Path(alias="voiceId", max_length=200, examples=["af_heart"], description="A voice's `id`.")
]


@router.get(
    "/voices",
    summary="List voices",
    dependencies=[allowed(Permission.JOBS_READ), KnownQuery],
    response_model=VoiceCatalogueResponse,
    responses={
        304: {"description": "The list has not changed (`If-None-Match`)."},
        **errors(ErrorCode.VALIDATION_ERROR),
    },
)
def search_voices(
    request: Request,
    services: ServicesDep,
    language: Language = None,
    engine: Engine = None,
    gender: Gender = None,
    q: Search = None,
) -> Response:
    """The voices of all available engines, those of the default engine first; `q` searches all
    texts."""
    listing = services.voices.current()
    base_url = services.settings.base_url
    digest = hashlib.sha256(f"{listing.digest} {base_url}".encode()).hexdigest()
    validators = Validators.of(digest, listing.changed)
    headers = {"etag": validators.etag, "cache-control": "private, no-cache"}
    if evaluate(request.headers, validators) is Verdict.NOT_MODIFIED:
        return Response(status_code=304, headers=headers)
    found = listing.select(language=language, engine=_named(engine), gender=gender, q=q)
    body = VoiceCatalogueResponse(
        voices=[_described(voice, base_url) for voice in found], engines=_engines(listing)
    )
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


@router.get(
    "/voices/{voiceId}/sample",
    summary="Hear voice",
    dependencies=[allowed(Permission.JOBS_READ), KnownQuery],
    response_class=Response,
    responses={
        200: {
            "description": "An MP3 file.",
            "content": {SAMPLE_MIME: {"schema": {"type": "string", "format": "binary"}}},
        },
        206: {"description": "The part that `Range` asks for."},
        304: {"description": "The sample has not changed (`If-None-Match`)."},
        **errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.NOT_FOUND,
            ErrorCode.PRECONDITION_FAILED,
            ErrorCode.RANGE_NOT_SATISFIABLE,
            ErrorCode.RATE_LIMITED,
            ErrorCode.ENGINE_MISSING,
        ),
    },
)
async def get_voice_sample(
    voice_id: VoiceId,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    engine: Engine = None,
) -> Response:
    """A sentence in the language of the voice, spoken by it; made at the first request."""
    listing = await run_in_threadpool(services.voices.current)
    found = listing.engine_of(voice_id, _named(engine))
    if found is None:
        raise _unknown(voice_id, engine, listing)
    try:
        content = await run_while_connected(
            request.receive, _sample(services, owner, found, voice_id)
        )
    except ClientDisconnected:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return _partial(request, content, listing)


def _named(engine: SpeechEngineName | None) -> str | None:
    return None if engine in {None, SpeechEngineName.AUTO} else str(engine)


def _described(voice: ListedVoice, base_url: str) -> CatalogueVoice:
    return CatalogueVoice(
        id=voice.name,
        name=voice.title,
        engine=voice.engine,
        language=voice.language,
        gender=voice.gender,
        licence=voice.licence,
        description=voice.description,
        sample_url=sample_url(base_url, voice.engine, voice.name),
    )


def _engines(listing: VoiceListing) -> list[CatalogueEngine]:
    return [
        CatalogueEngine(
            name=name,
            default=name == listing.default,
            variants=list(listing.variants.get(name, ())),
        )
        for name in listing.catalogue
    ]


def _unknown(voice_id: str, engine: SpeechEngineName | None, listing: VoiceListing) -> NotFound:
    names = [voice.name for voice in listing.select(engine=_named(engine))]
    return NotFound(
        f"There is no voice {voice_id[:100]!r} here."
        f" {suggestion(voice_id, names, listing=VOICE_LISTING)}",
        field="voiceId",
    )


async def _sample(services: Services, owner: str, engine: str, voice: str) -> bytes:
    body = {"engine": engine, "voice": voice}
    chunks = await services.stream_limit.stream(
        owner, lambda: services.renderer.open("/voices/sample", body)
    )
    content = bytearray()
    async with aclosing(chunks):
        async for chunk in chunks:
            content += chunk
            if len(content) > _MAX_SAMPLE_BYTES:
                raise GalaError("The renderer sent a sample that is too large.")
    return bytes(content)


def _partial(request: Request, content: bytes, listing: VoiceListing) -> Response:
    """Return the response to a request for the content, which may be conditional or for a part."""
    validators = Validators.of(hashlib.sha256(content).hexdigest(), listing.changed)
    headers = {
        "etag": validators.etag,
        "cache-control": f"private, max-age={_FRESH_SECONDS}",
        "accept-ranges": "bytes",
    }
    match evaluate(request.headers, validators):
        case Verdict.FAILED:
            raise PreconditionFailed
        case Verdict.NOT_MODIFIED:
            return Response(status_code=304, headers=headers)
        case Verdict.SEND:
            headers["x-content-type-options"] = "nosniff"
    part = None
    if range_applies(request.headers, validators):
        part = requested_range(request.headers.getlist("range"), len(content))
    if part is None:
        return Response(content, media_type=SAMPLE_MIME, headers=headers)
    headers["content-range"] = f"bytes {part.first}-{part.last}/{len(content)}"
    sent = content[part.first : part.last + 1]
    return Response(sent, status_code=206, media_type=SAMPLE_MIME, headers=headers)
