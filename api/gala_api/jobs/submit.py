"""Accepting work: however a job comes in, this is how it becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from gala.db.engine import transaction
from gala.db.tables import Job, PendingAsset
from gala.errors import Unavailable
from gala.job import Lane
from gala_api.dependencies import Services
from gala_api.jobs import idempotency, resolve
from gala_api.schemas.jobs import CreateJobRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An asset whose id is given away before its job has made it."""

    id: str
    kind: str
    label: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSubmission:
    """A job to accept: what `POST /jobs` can say, and what only other doors do."""

    request: CreateJobRequest
    lane: Lane | None = None
    """Where it waits; the render type's own lane if unset."""
    promises: Mapping[str, Promise] = field(default_factory=dict)
    """By the role of the output that will be that asset."""
    alongside: Callable[[Session, Job], None] | None = None
    """Writes what else has to be there as soon as the job is, in the same transaction."""
    asked: Mapping[str, Any] | None = None
    """What an idempotency key stands for; the request's own fields if unset."""


def accept(services: Services, owner: str, order: JobSubmission, key: str | None = None) -> str:
    """Commit the job and ring for it; its id. The same key gives the same job for 24 hours.

    Raises InvalidRequest and its kin naming the field, QuotaExceeded, IdempotencyMismatch.
    """
    with transaction(services.sessions) as session:
        if key is not None:
            asked = order.asked or order.request.model_dump(mode="json", exclude_unset=True)
            print_ = idempotency.fingerprint(asked)
            earlier = idempotency.earlier_job(session, owner, key, print_)
            if earlier is not None:
                return earlier
        job = _submit(session, services, owner, order)
        if key is not None:
            idempotency.remember(session, owner, key, print_, job.id)
    ring(services, job)
    return job.id


def _submit(session: Session, services: Services, owner: str, order: JobSubmission) -> Job:
    job = resolve.submit(session, owner, order.request, services, lane=order.lane)
    session.add_all(
        PendingAsset(
            id=promise.id,
            owner_id=owner,
            job_id=job.id,
            role=role,
            kind=promise.kind,
            label=promise.label,
            filename=promise.filename,
        )
        for role, promise in order.promises.items()
    )
    session.flush()
    if order.alongside is not None:
        order.alongside(session, job)
    return job


def ring(services: Services, job: Job) -> None:
    """Tell the workers; if Redis is away, a sweeper will when it is back."""
    try:
        services.wakeup.ring(Lane(job.lane), job.id, job.attempt + 1)
    except Unavailable:
        services.metrics.wakeup_failed.inc()
