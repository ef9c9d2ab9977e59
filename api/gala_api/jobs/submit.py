"""Submit a job: the one way by which every route creates jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from gala.db.engine import transaction
from gala.db.tables import Job, PendingAsset
from gala.errors import Unavailable
from gala.job import Lane
from gala.media import AspectRatio, Format
from gala.targets import TargetName
from gala_api.dependencies import Services
from gala_api.jobs import idempotency, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAssetFields:
    """An asset whose id is given to the client before the job has produced it."""

    id: str
    kind: str
    label: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSubmission:
    """A job to create. Templates, models and inputs are named by id and not yet looked up."""

    type: str | None = None
    """The render type; without it the template's, or that of the hello render."""
    template_id: str | None = None
    """The template's id or name; without it the built-in one of the type."""
    template_version: int | None = None
    """A version of the template; the latest if unset."""
    brand: str | None = None
    """The name of a brand kit."""
    target: TargetName | None = None
    name: str | None = None
    model_ids: Sequence[str] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    aspect_ratio: AspectRatio | None = None
    format: Format | None = None
    session_id: str | None = None
    creation_id: str | None = None
    metadata: dict[str, Any] | None = None
    callback_url: str | None = None
    lane: Lane | None = None
    """The queue it waits in; the render type's own if unset."""
    pending_assets: Mapping[str, PendingAssetFields] = field(default_factory=dict)
    """The assets to be, by the role of the output that becomes them."""
    on_insert: Callable[[Session, Job], None] | None = None
    """Called after the job is inserted, to insert other rows in the same transaction."""
    request_body: Mapping[str, Any] = field(default_factory=dict)
    """The request as its client sent it, which an idempotency key stands for."""


class SubmittedJob(NamedTuple):
    """The job that stands for a submission."""

    id: str
    replayed: bool
    """True if an earlier request with the same idempotency key created it."""


def submit_job(
    services: Services, owner: str, submission: JobSubmission, idempotency_key: str | None = None
) -> SubmittedJob:
    """Commit a job, wake the workers, and return the job.

    The same idempotency key returns the same job for 24 hours. Raise InvalidRequest, or another
    error that names the field, QuotaExceeded, or IdempotencyMismatch.
    """
    with transaction(services.sessions) as session:
        if idempotency_key is not None:
            fingerprint = idempotency.fingerprint(submission.request_body)
            earlier = idempotency.earlier_job(session, owner, idempotency_key, fingerprint)
            if earlier is not None:
                return SubmittedJob(earlier, replayed=True)
        job = _insert(session, services, owner, submission)
        if idempotency_key is not None:
            idempotency.remember(session, owner, idempotency_key, fingerprint, job.id)
    wake_workers(services, job)
    return SubmittedJob(job.id, replayed=False)


def _insert(session: Session, services: Services, owner: str, submission: JobSubmission) -> Job:
    job = resolve.insert_job(session, owner, submission, services)
    session.add_all(
        PendingAsset(
            id=asset.id,
            owner_id=owner,
            job_id=job.id,
            role=role,
            kind=asset.kind,
            label=asset.label,
            filename=asset.filename,
        )
        for role, asset in submission.pending_assets.items()
    )
    session.flush()
    if submission.on_insert is not None:
        submission.on_insert(session, job)
    return job


def wake_workers(services: Services, job: Job) -> None:
    """Enqueue a wake-up for the job's next attempt.

    If Redis is not available the failure is only counted: a worker's sweeper enqueues it later.
    """
    try:
        services.wakeup.notify(Lane(job.lane), job.id, job.attempt + 1)
    except Unavailable:
        services.metrics.wakeup_failed.inc()
