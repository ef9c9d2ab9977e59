"""Jobs: submit, list, follow, cancel, retry."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Annotated, Any

from fastapi import Header, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from gala import ids
from gala.asgi import StreamedResponse
from gala.db import quotas
from gala.db.engine import transaction
from gala.db.tables import Job
from gala.errors import ErrorCode, Forbidden, InvalidRequest, JobNotFound
from gala.job import JobStatus
from gala.job_queue import jobs
from gala.permissions import OWNER_PATTERN, Permission, Principal
from gala_api import serializers
from gala_api.auth.access import allowed
from gala_api.dependencies import CallerDep, Services, ServicesDep
from gala_api.http.headers import IdempotencyKey, replay_headers
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import (
    ExactFilter,
    JobCursor,
    KnownQuery,
    Limit,
    Offset,
    Search,
    contains,
    page,
)
from gala_api.http.path_ids import JobId
from gala_api.http.prefer import Prefer
from gala_api.http.routers import Router
from gala_api.jobs import event_stream, listing
from gala_api.jobs.compiled_timeline import compiled_timeline
from gala_api.jobs.submit import JobSubmission, submit_job, wake_workers
from gala_api.openapi.error_responses import errors
from gala_api.openapi.examples import FOLLOWED
from gala_api.schemas.common import EVENT_NUMBER
from gala_api.schemas.jobs import (
    CreateJobRequest,
    JobDetail,
    JobDetailResponse,
    JobResponse,
    JobsListResponse,
)
from gala_api.schemas.timeline import TimelinePlanResponse

router = Router(tags=["Jobs"], route_class=JsonRoute)

MAX_WAIT_SECONDS = 60

_Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description=f"`wait=N`: respond when the job has ended, after N ≤ {MAX_WAIT_SECONDS}"
        " seconds at the latest.",
        examples=["wait=5"],
    ),
]
_LastEvent = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=EVENT_NUMBER,
        description="Continue after the event with this number.",
        examples=["7"],
    ),
]
_Owner = Annotated[
    str | None,
    Query(
        pattern=OWNER_PATTERN,
        description="The owner of the jobs; those of others require the permission `jobs:operate`.",
    ),
]
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": FOLLOWED,
        "content": {
            "text/event-stream": {
                "schema": {
                    "description": "One event.",
                    "type": "object",
                    "required": ["id", "event", "data"],
                    "properties": {
                        "id": {"type": "string", "pattern": "^[0-9]+$"},
                        "event": {"enum": ["status", "progress", "log"]},
                        "data": {"type": "string", "contentMediaType": "application/json"},
                    },
                },
            }
        },
    }
}


def _find(session: Session, caller: Principal, job_id: str) -> Job:
    """Return a job of the caller, or of any owner if the caller may operate jobs."""
    found = session.get(Job, job_id) if ids.is_id(ids.Prefix.JOB, job_id) else None
    if found is None or not _may_access(found.owner_id, caller):
        raise JobNotFound
    return found


def _may_access(owner: str, caller: Principal) -> bool:
    return owner == caller.owner_id or caller.may(Permission.JOBS_OPERATE)


def _require(services: Services, caller: Principal, job_id: str) -> None:
    with transaction(services.sessions) as session:
        _find(session, caller, job_id)


def _detail(services: Services, caller: Principal, job_id: str) -> JobDetail:
    with transaction(services.sessions) as session:
        job = _find(session, caller, job_id)
        return serializers.job_detail(session, job, services.settings.base_url)


async def _wait(
    services: Services, owner: str, job_id: str, prefer: str | None
) -> Mapping[str, str]:
    """Wait for the job's end if that is preferred; return the headers that say so.

    A caller with too many streams and waiting requests gets the response at once: it is only a
    preference.
    """
    seconds = min(Prefer.parse(prefer).wait or 0, MAX_WAIT_SECONDS)
    if not seconds or not services.event_stream_limit.has_room(owner):
        return {}
    with services.event_stream_limit.place(owner):
        await event_stream.until_ended(services, job_id, seconds)
    return {"Preference-Applied": f"wait={seconds}"}


def _submission(body: CreateJobRequest) -> JobSubmission:
    if body.batch.count > 1 or body.batch.variants:
        field = "batch.variants" if body.batch.variants else "batch.count"
        raise InvalidRequest(
            f"{field}: Batches are not supported yet; send one job per variant.",
            field=field,
            rule="not_yet",
        )
    return JobSubmission(
        type=body.type,
        template_id=body.template_id,
        template_version=body.template_version,
        brand=body.brand,
        target=body.output.target,
        name=body.name,
        model_ids=body.model_ids,
        inputs=body.inputs,
        params=body.params,
        aspect_ratio=body.output.aspect_ratio,
        format=body.output.format,
        session_id=body.session_id,
        creation_id=body.creation_id,
        metadata=body.metadata,
        callback_url=body.callback_url,
        request_body=body.model_dump(mode="json", exclude_unset=True),
    )


@router.post(
    "/jobs",
    summary="Create render job",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    status_code=201,
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.QUOTA_EXCEEDED,
        ErrorCode.NOT_FOUND,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.TEMPLATE_NOT_FOUND,
        ErrorCode.MODEL_NOT_FOUND,
        ErrorCode.ASSET_PENDING,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
        ErrorCode.URL_REFUSED,
        ErrorCode.IDEMPOTENCY_MISMATCH,
    ),
)
async def create_job(
    body: CreateJobRequest,
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    idempotency_key: IdempotencyKey = None,
    prefer: _Prefer = None,
) -> JobDetailResponse:
    """Submit a job. When this responds, the job is committed and will not be lost.

    Without `type` and `template_id` it is a hello render, and `params.text` is required.
    """
    job_id, replayed = await run_in_threadpool(
        submit_job, services, caller.owner_id, _submission(body), idempotency_key
    )
    waited = await _wait(services, caller.owner_id, job_id, prefer)
    replay = replay_headers(replayed=replayed)
    location = services.settings.location(f"/jobs/{job_id}")
    response.headers.update({"Location": location, **waited, **replay})
    return JobDetailResponse(job=await run_in_threadpool(_detail, services, caller, job_id))


@router.get(
    "/jobs",
    summary="List jobs",
    dependencies=[allowed(Permission.JOBS_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR, ErrorCode.FORBIDDEN),
)
def list_jobs(
    services: ServicesDep,
    caller: CallerDep,
    status: Annotated[JobStatus | None, Query()] = None,
    template_id: ExactFilter = None,
    model_id: ExactFilter = None,
    type: ExactFilter = None,  # noqa: A002
    session_id: ExactFilter = None,
    owner_id: _Owner = None,
    q: Search = None,
    limit: Limit = 50,
    offset: Offset = 0,
    cursor: JobCursor = None,
) -> JobsListResponse:
    """Jobs, newest first; `q` searches names."""
    owner = owner_id or caller.owner_id
    if not _may_access(owner, caller):
        raise Forbidden(
            f"owner_id: The jobs of other owners require the permission {Permission.JOBS_OPERATE}.",
            field="owner_id",
            permission=Permission.JOBS_OPERATE,
        )
    statement = listing.without_values(select(Job).where(Job.owner_id == owner))
    filters = {
        Job.status: status,
        Job.template_id: template_id,
        Job.type: type,
        Job.session_id: session_id,
    }
    for column, value in filters.items():
        if value is not None:
            statement = statement.where(column == value)
    if model_id is not None:
        statement = statement.where(Job.model_ids.contains([model_id]))
    if q is not None:
        statement = statement.where(contains(Job.name, q))
    with transaction(services.sessions) as session:
        rows, more = page(session, statement, Job.id, limit=limit, offset=offset, cursor=cursor)
        return JobsListResponse(jobs=listing.listed(session, rows), next_cursor=more)


@router.get(
    "/jobs/{jobId}",
    summary="Get job details (with outputs when DONE)",
    dependencies=[allowed(Permission.JOBS_READ)],
    responses=errors(ErrorCode.JOB_NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
async def get_job(
    job_id: JobId,
    response: Response,
    services: ServicesDep,
    caller: CallerDep,
    prefer: _Prefer = None,
) -> JobDetailResponse:
    """A job with its outputs, log, progress and attempts."""
    if prefer is not None:
        await run_in_threadpool(_require, services, caller, job_id)
        response.headers.update(await _wait(services, caller.owner_id, job_id, prefer))
    job = await run_in_threadpool(_detail, services, caller, job_id)
    if job.status is JobStatus.QUEUED:
        job.waiting_reason = await run_in_threadpool(services.disk.why_jobs_wait)
    return JobDetailResponse(job=job)


@router.get(
    "/jobs/{jobId}/timeline",
    summary="Get compiled composition of job",
    dependencies=[allowed(Permission.JOBS_READ), KnownQuery],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.JOB_NOT_FOUND,
        ErrorCode.NOT_FOUND,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.MODEL_NOT_FOUND,
        ErrorCode.URL_REFUSED,
        ErrorCode.STORAGE_FAILED,
    ),
)
def get_job_timeline(
    job_id: JobId, services: ServicesDep, caller: CallerDep
) -> TimelinePlanResponse:
    """The composition of a job of type `timeline` as it was compiled: layers, times, places.

    Of a job that is DONE, this is what was rendered, with the lengths of its speech; before, a plan
    as of `POST /timeline/plan`. It is the job's output `timeline`, too.
    """
    with transaction(services.sessions) as session:
        job = _find(session, caller, job_id)
        session.expunge(job)
    return TimelinePlanResponse(plan=compiled_timeline(services, job))


@router.post(
    "/jobs/{jobId}/cancel",
    summary="Cancel job",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses={
        202: {"model": JobResponse, "description": "The job is running; it stops within seconds."},
        **errors(ErrorCode.JOB_NOT_FOUND, ErrorCode.INVALID_JOB_STATE),
    },
)
def cancel_job(
    job_id: JobId, response: Response, services: ServicesDep, caller: CallerDep
) -> JobResponse:
    """Cancel a job: at once if it waits (200), or when its processes have ended (202)."""
    with transaction(services.sessions) as session:
        found = _find(session, caller, job_id)
        job = jobs.request_cancel(session, job_id, found.owner_id)
    if job.status == JobStatus.RUNNING:
        response.status_code = 202
    return JobResponse(job=serializers.job(job))


@router.post(
    "/jobs/{jobId}/retry",
    summary="Retry job",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(
        ErrorCode.QUOTA_EXCEEDED, ErrorCode.JOB_NOT_FOUND, ErrorCode.INVALID_JOB_STATE
    ),
)
def retry_job(job_id: JobId, services: ServicesDep, caller: CallerDep) -> JobResponse:
    """Retry a FAILED job under the same id."""
    with transaction(services.sessions) as session:
        found = _find(session, caller, job_id)
        session.refresh(found, with_for_update=True)
        if found.status == JobStatus.FAILED:
            quota = quotas.effective(session, found.owner_id, services.quota)
            quotas.reserve_job(session, found.owner_id, quota)
        job = jobs.retry(session, job_id, found.owner_id)
    wake_workers(services, job)
    return JobResponse(job=serializers.job(job))


@router.get(
    "/jobs/{jobId}/events",
    summary="Follow job (server-sent events)",
    dependencies=[allowed(Permission.JOBS_READ)],
    response_class=Response,
    responses={
        **_STREAM,
        **errors(ErrorCode.JOB_NOT_FOUND, ErrorCode.VALIDATION_ERROR, ErrorCode.RATE_LIMITED),
    },
)
async def follow_job(
    job_id: JobId,
    services: ServicesDep,
    caller: CallerDep,
    last_event_id: _LastEvent = None,
) -> Response:
    """The events of a job as they happen; reconnecting with `Last-Event-ID` misses none."""
    await run_in_threadpool(_require, services, caller, job_id)

    async def open_stream() -> AsyncGenerator[bytes, None]:
        return event_stream.stream(services, job_id, after=int(last_event_id or 0))

    stream = await services.event_stream_limit.stream(caller.owner_id, open_stream)
    # Keeps nginx from buffering the stream.
    return StreamedResponse(stream, "text/event-stream", headers={"x-accel-buffering": "no"})
