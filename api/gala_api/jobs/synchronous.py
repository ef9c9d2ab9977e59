"""Jobs that a request waits for and whose outputs go into its answer; nothing of them is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import anyio
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gala.asgi import while_connected
from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobOutput
from gala.errors import (
    AssetInUse,
    AssetNotFound,
    DeadlineExceeded,
    GalaError,
    InvalidJobState,
    error_of,
)
from gala.job import LIVE, JobStatus, Lane
from gala.job_queue import jobs
from gala_api.assets import service
from gala_api.dependencies import Services
from gala_api.jobs.event_stream import until_ended
from gala_api.jobs.submit import JobSubmission, submit_job

_WAIT_SECONDS: Final = 3600.0
_STOP_SECONDS: Final = 60.0
_MAX_BYTES: Final = 64 * 1024 * 1024

Outputs = Mapping[str, Asset]
"""What a job made, by role."""


@asynccontextmanager
async def run_and_wait(
    request: Request,
    services: Services,
    owner: str,
    *,
    type_name: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, Any],
    temporary: Sequence[str] = (),
) -> AsyncIterator[Outputs]:
    """Do the work at once, and give its outputs to the block; they are deleted after it.

    So are the assets in ``temporary``. A client that goes away cancels
    the job. Raises what refuses it, and what it failed with.
    """
    job_id = None
    try:
        submission = JobSubmission(
            type=type_name, inputs=inputs, params=params, lane=Lane.INTERACTIVE
        )
        job_id = await run_in_threadpool(submit_job, services, owner, submission)
        async with while_connected(request.receive):
            await until_ended(services, job_id, _WAIT_SECONDS)
        yield await run_in_threadpool(_outputs, services, job_id)
    finally:
        with anyio.CancelScope(shield=True):
            await _forget(services, owner, job_id, temporary)


def content_of(services: Services, asset: Asset) -> bytes:
    """The bytes of an output that goes into an answer. Raises GalaError for one too large."""
    if asset.size_bytes > _MAX_BYTES:
        raise GalaError("What was made is larger than an answer may be.")
    with service.storage_errors():
        storage = services.storages.get(asset.provider)
        with storage.open(asset.object_key) as stream:
            return b"".join(stream)


def _outputs(services: Services, job_id: str) -> Outputs:
    with transaction(services.sessions) as session:
        _require_done(session.get_one(Job, job_id))
        rows = session.execute(
            select(JobOutput.role, Asset)
            .join(Asset, Asset.id == JobOutput.asset_id)
            .where(JobOutput.job_id == job_id)
        )
        return {role: asset for role, asset in rows}  # noqa: C416 - rows are no pairs to mypy


def _require_done(job: Job) -> None:
    if job.status == JobStatus.DONE:
        return
    if job.status == JobStatus.CANCELLED:
        raise InvalidJobState("The work was cancelled.")
    if job.error is None:
        raise DeadlineExceeded("The work took too long.")
    raise error_of(job.error["code"], job.error["message"], hint=job.error.get("hint"))


async def _forget(
    services: Services, owner: str, job_id: str | None, temporary: Sequence[str]
) -> None:
    """Stop the job if it still runs, and delete what was only there for it."""
    if job_id is not None and await run_in_threadpool(_runs_on, services, owner, job_id):
        # What its worker still reads cannot be deleted.
        await until_ended(services, job_id, _STOP_SECONDS)
    await run_in_threadpool(_delete, services, owner, job_id, temporary)


def _runs_on(services: Services, owner: str, job_id: str) -> bool:
    """Ask the job to stop; whether that takes time."""
    try:
        with transaction(services.sessions) as session:
            return jobs.request_cancel(session, job_id, owner).status in LIVE
    except InvalidJobState:
        return False


def _delete(services: Services, owner: str, job_id: str | None, temporary: Sequence[str]) -> None:
    with transaction(services.sessions) as session:
        made = select(JobOutput.asset_id).where(JobOutput.job_id == job_id)
        doomed = [*temporary, *(one for one in session.scalars(made) if one is not None)]
    for one in doomed:
        # The owner may have deleted it, or used it for something else.
        with suppress(AssetNotFound, AssetInUse):
            service.delete(services.sessions, services.storages, owner, one)
