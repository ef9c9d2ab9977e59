"""Routes of the process service: three operations on videos, with a synchronous response."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from starlette.responses import Response

from gala.errors import ErrorCode
from gala.permissions import Permission
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.headers import IdempotencyKey
from gala_api.http.json_body import JsonRoute
from gala_api.http.path_ids import JobId
from gala_api.http.prefer import Prefer
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import Responses, errors
from gala_api.process_service.language import preferred
from gala_api.process_service.operations import ADD_TEXT, CONCATENATE, TRIM
from gala_api.process_service.schemas import (
    AddTextToVideoRequest,
    ConcatenateVideosRequest,
    ProcessCompleted,
    ProcessPending,
    ProcessStatus,
    TrimVideoRequest,
)
from gala_api.process_service.waiting import Call, WaitTime

router = Router(tags=["Process"], route_class=JsonRoute, prefix="/process")

_Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description="`respond-async`: respond with 202 at once. `wait=N`: wait at most N seconds.",
        examples=["respond-async"],
    ),
]
_Language = Annotated[
    str | None,
    Header(
        alias="Accept-Language",
        description="Messages are in Spanish, or in English if it is preferred.",
        examples=["es"],
    ),
]
_HEADERS: Final = {
    "Location": "The URL of the status.",
    "Retry-After": "Seconds to wait before polling it.",
}
_RESPONSES: Final[Responses] = {
    200: {"model": ProcessCompleted, "description": "The work is done."},
    202: {
        "model": ProcessPending,
        "description": "The work is not finished yet.",
        "headers": {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in _HEADERS.items()
        },
    },
    **errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.INVALID_JOB_STATE,
        ErrorCode.ASSET_PENDING,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
        ErrorCode.UNPROCESSABLE_MEDIA,
        ErrorCode.URL_REFUSED,
        ErrorCode.FETCH_FAILED,
        ErrorCode.IDEMPOTENCY_MISMATCH,
        ErrorCode.RENDER_FAILED,
        ErrorCode.STORAGE_FAILED,
        ErrorCode.RENDERER_LOST,
        ErrorCode.DEADLINE_EXCEEDED,
        ErrorCode.OUT_OF_DISK,
    ),
}
_OPERATION: Final[dict[str, Any]] = {
    "response_class": Response,
    "responses": _RESPONSES,
    "dependencies": [allowed(Permission.JOBS_WRITE)],
}


async def _call(
    *,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    prefer: _Prefer = None,
    accept_language: _Language = None,
    idempotency_key: IdempotencyKey = None,
) -> Call:
    maximum = services.settings.process_wait_seconds
    return Call(
        services=services,
        owner=owner,
        language=preferred(accept_language),
        wait=WaitTime.of(Prefer.parse(prefer), default=maximum, maximum=maximum),
        key=idempotency_key,
        receive=request.receive,
    )


async def _status_call(
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    prefer: _Prefer = None,
    accept_language: _Language = None,
) -> Call:
    maximum = services.settings.process_wait_seconds
    return Call(
        services=services,
        owner=owner,
        language=preferred(accept_language),
        wait=WaitTime.of(Prefer.parse(prefer), default=0, maximum=maximum),
        key=None,
        receive=request.receive,
    )


_CallDep = Annotated[Call, Depends(_call)]


@router.post("/video/trim", summary="Trim video", **_OPERATION)
async def trim_video(body: TrimVideoRequest, call: _CallDep) -> Response:
    """Cut one part out of a video, accurate to the frame.

    Waits for the result for at most `PROCESS_WAIT_SECONDS`, then responds with 202 and the URL of
    the status.
    """
    params = {"start": body.start_time, "end": body.end_time}
    return await call.work(TRIM, body, [body.video_url], params)


@router.post("/video/add_text", summary="Add text to video", **_OPERATION)
async def add_text_to_video(body: AddTextToVideoRequest, call: _CallDep) -> Response:
    """Write a text on a video, from its beginning to its end.

    Waits for the result for at most `PROCESS_WAIT_SECONDS`, then responds with 202 and the URL of
    the status.
    """
    style = {"text": body.text, "font_size": body.font_size, "color": body.color}
    return await call.work(ADD_TEXT, body, [body.video_url], {**style, **body.position})


@router.post("/video/concatenate", summary="Concatenate videos", **_OPERATION)
async def concatenate_videos(body: ConcatenateVideosRequest, call: _CallDep) -> Response:
    """Concatenate videos; images among them are shown for five seconds.

    Waits for the result for at most `PROCESS_WAIT_SECONDS`, then responds with 202 and the URL of
    the status.
    """
    return await call.work(CONCATENATE, body, body.video_urls, {})


@router.get(
    "/status/{jobId}",
    summary="Get status of processing",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_READ)],
    responses={
        200: {"model": ProcessStatus, "description": "The progress or the result."},
        **errors(ErrorCode.JOB_NOT_FOUND, ErrorCode.VALIDATION_ERROR),
    },
)
async def process_status(job_id: JobId, call: Annotated[Call, Depends(_status_call)]) -> Response:
    """Return the state of the work: `completed`, `processing`, or `failed` with its error.

    Responds at once; with `Prefer: wait=N`, when the work has ended or after N seconds.
    """
    return await call.status(job_id)
