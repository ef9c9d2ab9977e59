"""How far the work of a caller is, in the shape of the process service."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Job, JobOutput
from gala.errors import (
    AssetNotFound,
    GalaError,
    InvalidJobState,
    JobNotFound,
    UnprocessableMedia,
    error_of,
)
from gala.job import JobFailure, JobStatus
from gala_api.assets import signed_links
from gala_api.dependencies import Services
from gala_api.process_service import messages
from gala_api.process_service.language import Language
from gala_api.process_service.operations import BY_TYPE, Operation, judged
from gala_api.process_service.schemas import (
    ProcessCompleted,
    ProcessFailed,
    ProcessPending,
    ProcessStatus,
)
from gala_api.schemas.common import ErrorBody


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job has come to: an asset, an error, or neither yet."""

    job_id: str
    operation: Operation
    progress: float
    asset_id: str | None = None
    error: GalaError | None = None


def outcome_of(services: Services, owner: str, job_id: str) -> Outcome:
    """Look at the owner's job. Raises JobNotFound, also for jobs of other kinds."""
    with transaction(services.sessions) as session:
        job = None
        if ids.is_id(ids.Prefix.JOB, job_id):
            statement = select(Job).where(Job.id == job_id, Job.owner_id == owner)
            job = session.scalars(statement).one_or_none()
        if job is None or job.type not in BY_TYPE:
            raise JobNotFound
        return _outcome(session, job, BY_TYPE[job.type])


def _outcome(session: Session, job: Job, operation: Operation) -> Outcome:
    asset_id, error = None, None
    match job.status:
        case JobStatus.DONE:
            asset_id, error = _made(session, job)
        case JobStatus.FAILED:
            error = _failed(job, operation)
        case JobStatus.CANCELLED:
            error = InvalidJobState("The job was cancelled before it had ended.")
    return Outcome(job.id, operation, job.progress, asset_id, error)


def _made(session: Session, job: Job) -> tuple[str | None, GalaError | None]:
    outputs = session.scalars(select(JobOutput).where(JobOutput.job_id == job.id)).all()
    video = next((output for output in outputs if output.role == "video"), None)
    if video is None:
        # What trims a video trims a sound, too; but that is not what was asked for.
        return None, UnprocessableMedia("video_url: this file has sound, but no picture.")
    if video.asset_id is None:
        return None, AssetNotFound("The result was deleted.")
    return video.asset_id, None


def _failed(job: Job, operation: Operation) -> GalaError:
    failure = JobFailure.model_validate(job.error)
    message = operation.outside(failure.message)
    field = operation.field_in(message)
    details = {} if field is None else {"field": field}
    return error_of(judged(failure.code), message, hint=failure.hint, details=details)


def shown(services: Services, outcome: Outcome, language: Language) -> ProcessStatus:
    """The outcome as it goes over the wire."""
    where = {"job_id": outcome.job_id, "status_url": status_url(services, outcome.job_id)}
    if outcome.error is not None:
        told = messages.in_words(outcome.error, language)
        details = {**told.details, "hint": told.hint, **where}
        body = ErrorBody(code=told.code, message=told.message, details=details)
        return ProcessFailed(status="failed", message=told.message, error=body, **where)
    if outcome.asset_id is None:
        message = messages.PROCESSING[language]
        return ProcessPending(
            status="processing", message=message, progress=outcome.progress, **where
        )
    link = signed_links.signed_link(
        services, outcome.asset_id, services.settings.process_link_seconds
    )
    return ProcessCompleted(
        status="completed",
        asset_url=link.url,
        expires_at=link.expires_at,
        asset_id=outcome.asset_id,
        message=outcome.operation.done[language],
        **where,
    )


def status_url(services: Services, job_id: str) -> str:
    """Where the work's status is told."""
    return f"{services.settings.base_url}{messages.PREFIX}status/{job_id}"
