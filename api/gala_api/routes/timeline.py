"""Timelines: how compositions are written, and what they will be."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic_core import to_json

from gala.errors import ErrorCode
from gala.permissions import Permission
from gala.timeline.exchange.documents import import_document
from gala.timeline.plan import timeline_schema
from gala_api import timeline_plans
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import KnownQuery
from gala_api.openapi.error_responses import errors
from gala_api.schemas.common import JsonObject
from gala_api.schemas.timeline import (
    ImportTimelineRequest,
    PlanTimelineRequest,
    TimelineImportResponse,
    TimelinePlanResponse,
)

router = APIRouter(tags=["Timelines"], route_class=JsonRoute)


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
