"""Timelines: how compositions are written, and what they will be."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic_core import to_json

from gala.asgi import CLIENT_CLOSED_REQUEST, ClientDisconnected, run_while_connected
from gala.errors import ErrorCode
from gala.frame_protocol import FRAME_MIMES, FrameFormat, FrameWidth
from gala.permissions import Permission
from gala.render_types.params.timecodes import MAX_SECONDS
from gala.timeline.document.times import time_schema
from gala.timeline.exchange.documents import import_document
from gala.timeline.plan import timeline_schema
from gala_api import timeline_frames, timeline_plans
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import KnownQuery
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.common import JsonObject
from gala_api.schemas.timeline import (
    ImportTimelineRequest,
    PlanTimelineRequest,
    TimelineImportResponse,
    TimelinePlanResponse,
)
from gala_api.timeline_frames import Wanted

router = Router(tags=["Timelines"], route_class=JsonRoute)

At = Annotated[
    str,
    time_schema(0, MAX_SECONDS),
    Query(
        max_length=40,
        description="The time in the film: seconds, or a timecode such as `1:23.5` or, with frames,"
        " `00:01:23:15`.",
    ),
]
Form = Annotated[FrameFormat, Query(alias="format", description="File format of the frame.")]
Width = Annotated[
    FrameWidth | None,
    Query(description="Width of the frame in pixels; at most, and by default, the film's."),
]


@router.get(
    "/timeline/schema",
    summary="Get schema of compositions",
    dependencies=[allowed(Permission.JOBS_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR, needs_database=False),
)
def get_timeline_schema() -> JsonObject:
    """The JSON Schema (draft 2020-12) of compositions."""
    return timeline_schema()


@router.post(
    "/timeline/plan",
    summary="Plan composition",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.MODEL_NOT_FOUND,
        ErrorCode.URL_REFUSED,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
    ),
)
def plan_timeline(
    body: PlanTimelineRequest, services: ServicesDep, owner: OwnerDep
) -> TimelinePlanResponse:
    """What a composition will be, without rendering it: times, places, warnings.

    Mistakes are answered with 400; `details.problems` has the JSON pointer, the rule and the remedy
    of each. Lengths of speech, and of files that no job has inspected yet, are estimates.
    """
    return TimelinePlanResponse(plan=timeline_plans.make_plan(body, services, owner))


@router.post(
    "/timeline/frame",
    summary="Draw frame of composition",
    response_class=Response,
    dependencies=[allowed(Permission.JOBS_WRITE), KnownQuery],
    responses={
        200: {
            "description": "The frame.",
            "content": {
                mime: {"schema": {"type": "string", "format": "binary"}}
                for mime in FRAME_MIMES.values()
            },
        },
        **errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.ASSET_NOT_FOUND,
            ErrorCode.MODEL_NOT_FOUND,
            ErrorCode.ASSET_PENDING,
            ErrorCode.URL_REFUSED,
            ErrorCode.PAYLOAD_TOO_LARGE,
            ErrorCode.UNSUPPORTED_MEDIA,
            ErrorCode.UNPROCESSABLE_MEDIA,
            ErrorCode.RATE_LIMITED,
            ErrorCode.STORAGE_FAILED,
            ErrorCode.ENGINE_MISSING,
            ErrorCode.DEADLINE_EXCEEDED,
        ),
    },
)
async def draw_timeline_frame(
    body: PlanTimelineRequest,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    at: At,
    form: Form = FrameFormat.PNG,
    width: Width = None,
) -> Response:
    """One frame of the film, drawn at once and without a job.

    Times, words and pictures are those of the film that a job would make. Files are assets: a URL
    has to be imported first (`POST /assets`). The first frame takes longer: texts are spoken, as
    the length of scenes depends on them, and files are inspected; both is kept.
    """
    wanted = Wanted(body, at=at, format=form, width=width)
    try:
        picture = await run_while_connected(
            request.receive, timeline_frames.draw(wanted, services, owner)
        )
    except ClientDisconnected:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return Response(picture, media_type=FRAME_MIMES[form])


@router.post(
    "/timeline/import",
    summary="Import composition",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
        needs_database=False,
    ),
)
def import_timeline(body: ImportTimelineRequest) -> TimelineImportResponse:
    """The composition of a timeline of OpenTimelineIO, or of an edit of Shotstack.

    Nothing is stored or fetched. `losses` says what could not be carried over. Files are named as
    in the document: URLs work in a job; upload other files and write the ids of their assets.
    """
    found = import_document(to_json(body.document))
    return TimelineImportResponse(
        composition=found.composition, format=found.format, losses=list(found.losses)
    )
