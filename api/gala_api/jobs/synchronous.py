"""Jobs that a request waits for: their outputs go into its response and are then deleted."""

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
from gala.job import LIVE, JobFailure, JobStatus, Lane
from gala.job_queue import jobs
from gala_api.assets import service
from gala_api.dependencies import Services
from gala_api.jobs.event_stream import until_ended
from gala_api.jobs.submit import JobSubmission, submit_job

_WAIT_SECONDS: Final = 3600.0
_STOP_SECONDS: Final = 60.0
_MAX_BYTES: Final = 64 * 1024 * 1024

Outputs = Mapping[str, Asset]
"""The outputs of a job, by role."""


class NotEndedInTime(DeadlineExceeded):
    """The work took too long."""


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
    wait_seconds: float = _WAIT_SECONDS,
) -> AsyncIterator[Outputs]:
    """Run a job and give its outputs to the block; they are deleted afterwards.

    So are the assets in ``temporary``. A client that disconnects cancels the job, and so does the
    end of ``wait_seconds``. Raise what the submission raises, the error that the job failed with,
    or NotEndedInTime.
    """
    job_id, connected = None, False
    try:
        submission = JobSubmission(
            type=type_name, inputs=inputs, params=params, lane=Lane.INTERACTIVE
        )
        job_id = (await run_in_threadpool(submit_job, services, owner, submission)).id
        async with while_connected(request.receive):
            await until_ended(services, job_id, wait_seconds)
            connected = True
        if not connected:
            raise DeadlineExceeded("The client did not wait for the response.")
        yield await run_in_threadpool(_outputs, services, job_id)
    finally:
        with anyio.CancelScope(shield=True):
            await _clean_up(services, owner, job_id, temporary)


def content_of(services: Services, asset: Asset) -> bytes:
    """Return the bytes of an output. Raise GalaError if it is too large for a response."""
    if asset.size_bytes > _MAX_BYTES:
        raise GalaError(
            f"The output is larger than the {_MAX_BYTES} bytes that a response may have."
        )
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
        raise NotEndedInTime
    failure = JobFailure.model_validate(job.error)
    raise error_of(
        failure.code, failure.message, hint=failure.hint, details={"field": failure.field}
    )


async def _clean_up(
    services: Services, owner: str, job_id: str | None, temporary: Sequence[str]
) -> None:
    """Cancel the job if it is live, then delete its outputs and the temporary assets."""
    if job_id is not None and await run_in_threadpool(_cancel, services, owner, job_id):
        # Assets that its worker still reads cannot be deleted.
        await until_ended(services, job_id, _STOP_SECONDS)
    await run_in_threadpool(_delete, services, owner, job_id, temporary)


def _cancel(services: Services, owner: str, job_id: str) -> bool:
    """Request the job's cancellation. Return True if it is still running."""
    try:
        with transaction(services.sessions) as session:
            return jobs.request_cancel(session, job_id, owner).status in LIVE
    except InvalidJobState:
        return False


def _delete(services: Services, owner: str, job_id: str | None, temporary: Sequence[str]) -> None:
    with transaction(services.sessions) as session:
        outputs = select(JobOutput.asset_id).where(JobOutput.job_id == job_id)
        asset_ids = [*temporary, *(one for one in session.scalars(outputs) if one is not None)]
    for asset_id in asset_ids:
        # The owner may have deleted it, or used it for something else.
        with suppress(AssetNotFound, AssetInUse):
            service.delete(services.sessions, services.storages, owner, asset_id)
