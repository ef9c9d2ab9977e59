"""A sound comes in with a request, what was said goes out with its answer; in between is a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gala.db import queue
from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobOutput
from gala.errors import (
    DeadlineExceeded,
    GalaError,
    InvalidJobState,
    InvalidRequest,
    error_of,
)
from gala.job import JobStatus, Lane
from gala.media import AssetKind
from gala_api import storing
from gala_api.accepting import Order, accept
from gala_api.disconnects import while_connected
from gala_api.schemas.jobs import CreateJobRequest
from gala_api.services import Services
from gala_api.streaming import until_ended
from gala_api.uploads import ReceivedFile, ReceivedUpload

_WAIT_SECONDS: Final = 3600.0
_MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard; ``words`` is the output of the type ``transcribe``."""

    words: dict[str, Any]
    captions: str


async def transcribe(
    request: Request, services: Services, owner: str, file: ReceivedFile, params: Mapping[str, Any]
) -> Heard:
    """Have the sound transcribed, and keep nothing of it.

    A client that goes away cancels it. Raises what the job failed with, and what refused it.
    """
    asset_id = await run_in_threadpool(_store, services, owner, file)
    job_id = None
    try:
        job_id = await run_in_threadpool(_submit, services, owner, asset_id, params)
        async with while_connected(request.receive):
            await until_ended(services, job_id, _WAIT_SECONDS)
        return await run_in_threadpool(_heard, services, owner, job_id)
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(_forget, services, owner, asset_id, job_id)


def _store(services: Services, owner: str, file: ReceivedFile) -> str:
    upload = ReceivedUpload(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        fields={"kind": AssetKind.VOICE},
    )
    return storing.store_upload(services.sessions, services.storages, owner, upload).id


def _submit(services: Services, owner: str, asset_id: str, params: Mapping[str, Any]) -> str:
    body = CreateJobRequest(
        type="transcribe", inputs={"audio_asset_id": asset_id}, params=dict(params)
    )
    return accept(services, owner, Order(request=body, lane=Lane.INTERACTIVE))


def _heard(services: Services, owner: str, job_id: str) -> Heard:
    with transaction(services.sessions) as session:
        job = session.get_one(Job, job_id)
        _require_done(job)
        rows = session.execute(
            select(JobOutput.role, Asset)
            .join(Asset, Asset.id == JobOutput.asset_id)
            .where(JobOutput.job_id == job_id, Asset.owner_id == owner)
        ).all()
    outputs = dict(rows)
    return Heard(
        words=json.loads(_text(services, outputs["words"])),
        captions=_text(services, outputs["captions"]),
    )


def _require_done(job: Job) -> None:
    if job.status == JobStatus.DONE:
        return
    if job.status == JobStatus.CANCELLED:
        raise InvalidJobState("The transcription was cancelled.")
    if job.error is None:
        raise DeadlineExceeded("The transcription took too long.")
    error = error_of(job.error["code"], job.error["message"], hint=job.error.get("hint"))
    raise _named(error)


def _named(error: GalaError) -> GalaError:
    """Errors of the job in the words of this route."""
    field = str(error.details.get("field", ""))
    if not isinstance(error, InvalidRequest) or "." not in field:
        return error
    return InvalidRequest(error.message, field=field.rpartition(".")[2])


def _text(services: Services, asset: Asset) -> str:
    if asset.size_bytes > _MAX_ANSWER_BYTES:
        raise GalaError("The transcript is larger than an answer may be.")
    with storing.storage_errors():
        storage = services.storages.get(asset.provider)
        with storage.open(asset.object_key) as stream:
            return b"".join(stream).decode()


def _forget(services: Services, owner: str, asset_id: str, job_id: str | None) -> None:
    """Stop the job if it still runs, and delete what was only there for it."""
    spent = [asset_id]
    if job_id is not None:
        with transaction(services.sessions) as session:
            job = session.get_one(Job, job_id)
            if job.status in {JobStatus.QUEUED, JobStatus.RUNNING}:
                queue.request_cancel(session, job_id, owner)
                # Its worker still reads the sound; the asset stays until somebody deletes it.
                return
            made = session.scalars(select(JobOutput.asset_id).where(JobOutput.job_id == job_id))
            spent += [one for one in made if one is not None]
    for one in spent:
        storing.delete(services.sessions, services.storages, owner, one)
