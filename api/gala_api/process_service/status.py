"""The status of a caller's work, in the format of the process service."""

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
from gala_api.process_service.operations import BY_TYPE, Operation, code_for_caller
from gala_api.process_service.schemas import (
    ProcessCompleted,
    ProcessFailed,
    ProcessPending,
    ProcessState,
)
from gala_api.schemas.common import ErrorBody


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a job: an asset, an error, or neither yet."""

    job_id: str
    operation: Operation
    progress: float
    asset_id: str | None = None
    error: GalaError | None = None


def find_outcome(services: Services, owner: str, job_id: str) -> Outcome:
    """Return the outcome of the owner's job; raise JobNotFound, also for jobs of other types."""
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
            asset_id, error = _result(session, job)
        case JobStatus.FAILED:
            error = _failure(job, operation)
        case JobStatus.CANCELLED:
            error = InvalidJobState("The job was cancelled before it ended.")
    return Outcome(job.id, operation, job.progress, asset_id, error)


def _result(session: Session, job: Job) -> tuple[str | None, GalaError | None]:
    outputs = session.scalars(select(JobOutput).where(JobOutput.job_id == job.id)).all()
    video = next((output for output in outputs if output.role == "video"), None)
    if video is None:
        # The render type `trim` also accepts audio files, but the process service does not.
        return None, UnprocessableMedia("video_url: The file has audio, but no video.")
    if video.asset_id is None:
        return None, AssetNotFound("The result was deleted.")
    return video.asset_id, None


def _failure(job: Job, operation: Operation) -> GalaError:
    failure = JobFailure.model_validate(job.error)
    message = operation.with_request_names(failure.message)
    field = operation.field_in(message)
    details = {} if field is None else {"field": field}
    return error_of(code_for_caller(failure.code), message, hint=failure.hint, details=details)


def status_response(services: Services, outcome: Outcome, language: Language) -> ProcessState:
    """Return the response body for an outcome."""
    links = {"job_id": outcome.job_id, "status_url": status_url(services, outcome.job_id)}
    if outcome.error is not None:
        error = messages.localized(outcome.error, language)
        details = {**error.details, "hint": error.hint, **links}
        body = ErrorBody(code=error.code, message=error.message, details=details)
        return ProcessFailed(status="failed", message=error.message, error=body, **links)
    if outcome.asset_id is None:
        message = messages.PROCESSING[language]
        return ProcessPending(
            status="processing", message=message, progress=outcome.progress, **links
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
        **links,
    )


def status_url(services: Services, job_id: str) -> str:
    """Return the URL of the work's status."""
    return f"{services.settings.base_url}{messages.PREFIX}status/{job_id}"
