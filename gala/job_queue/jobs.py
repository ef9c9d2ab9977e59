"""The job queue in Postgres: submit, cancel, retry, expire leases, list due jobs.

Operations of a worker that holds a job's lease are in `gala.job_queue.lease`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gala.db.tables import (
    IdempotencyKey,
    Job,
    JobAttempt,
    JobEvent,
    JobInput,
    JobModel,
    LaneTurn,
    PendingAsset,
)
from gala.errors import ErrorCode, GalaError, InvalidJobState, JobNotFound
from gala.ids import Prefix, is_id
from gala.job import LIVE, AttemptOutcome, JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import events, outbox
from gala.job_queue.lease import status_event

_REASON_LASTS: Final = timedelta(minutes=10)
_TURN_RETENTION: Final = timedelta(days=30)


def submit(session: Session, job: Job, inputs: Mapping[str, Sequence[str]]) -> None:
    """Insert a job with its inputs (name → asset ids and URLs). It is durable once committed.

    Only asset ids get rows in ``job_inputs``, which keep the assets from being deleted meanwhile.
    """
    job.status, job.phase = JobStatus.QUEUED, JobPhase.WAITING
    session.add(job)
    session.flush()
    session.add_all(
        JobInput(job_id=job.id, name=name, position=position, asset_id=entry)
        for name, entries in inputs.items()
        for position, entry in enumerate(entries)
        if is_id(Prefix.ASSET, entry)
    )
    session.add_all(
        JobModel(job_id=job.id, model_id=model) for model in dict.fromkeys(job.model_ids)
    )
    session.flush()
    events.append(session, job.id, [status_event(JobStatus.QUEUED, 0)])


def _locked(session: Session, job_id: str, owner_id: str) -> Job:
    statement = select(Job).where(Job.id == job_id, Job.owner_id == owner_id).with_for_update()
    job = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if job is None:
        raise JobNotFound(id=job_id)
    return job


def _now(session: Session) -> datetime:
    return session.scalars(select(func.now())).one()


def request_cancel(session: Session, job_id: str, owner_id: str) -> Job:
    """Cancel a QUEUED job at once; set ``cancel_requested`` on a RUNNING one.

    Idempotent. Raises JobNotFound, and InvalidJobState for a job that is DONE or FAILED.
    """
    job, now = _locked(session, job_id, owner_id), _now(session)
    if job.status == JobStatus.QUEUED:
        job.status, job.phase, job.finished_at = JobStatus.CANCELLED, JobPhase.ENDED, now
        session.flush()
        events.append(session, job.id, [status_event(JobStatus.CANCELLED, job.attempt)])
        outbox.add_notification(session, job.id)
    elif job.status == JobStatus.RUNNING:
        job.cancel_requested = True
    elif job.status != JobStatus.CANCELLED:
        raise InvalidJobState(
            f"The job is {job.status} already; only a QUEUED or RUNNING job can be cancelled.",
            status=job.status,
        )
    return job


def retry(session: Session, job_id: str, owner_id: str) -> Job:
    """Queue a FAILED job again under the same id, its failure and crash counts reset to 0.

    Raises JobNotFound, and InvalidJobState in any other status.
    """
    job, now = _locked(session, job_id, owner_id), _now(session)
    if job.status != JobStatus.FAILED:
        raise InvalidJobState(
            f"The job is {job.status}; only a FAILED job can be retried.", status=job.status
        )
    job.status, job.phase = JobStatus.QUEUED, JobPhase.WAITING
    job.error, job.started_at, job.finished_at, job.progress = None, None, None, 0.0
    job.failures = job.crashes = 0
    job.run_after = now
    session.flush()
    events.append(session, job.id, [status_event(JobStatus.QUEUED, job.attempt)])
    return job


def withdraw_asset(session: Session, owner: str, asset_id: str) -> bool:
    """Delete a pending asset and cancel the job that was to make it.

    Returns False if the owner has no such pending asset (any more): it may be recorded by now.
    """
    if not is_id(Prefix.ASSET, asset_id):
        return False
    job_id = session.scalar(
        select(PendingAsset.job_id).where(
            PendingAsset.id == asset_id, PendingAsset.owner_id == owner
        )
    )
    if job_id is None:
        return False
    # Lock the job before the asset, in the order of the worker that records the end: no deadlock.
    status = session.scalars(select(Job.status).where(Job.id == job_id).with_for_update()).one()
    if status in LIVE:
        request_cancel(session, job_id, owner)
    deleted = session.scalar(
        delete(PendingAsset).where(PendingAsset.id == asset_id).returning(PendingAsset.id)
    )
    return deleted is not None


def expire_leases(session: Session, *, max_crashes: int) -> list[str]:
    """End the attempts whose lease has expired; return the ids of their jobs.

    A job fails after ``max_crashes`` crashes and is cancelled if that was requested; otherwise it
    is due again at once.
    """
    expired = session.scalars(
        select(Job)
        .where(Job.status == JobStatus.RUNNING, Job.lease_until < func.clock_timestamp())
        .with_for_update(skip_locked=True)
        .limit(500)
    ).all()
    now = _now(session)
    for job in expired:
        _expire(session, job, now, max_crashes)
    return [job.id for job in expired]


def _expire(session: Session, job: Job, now: datetime, max_crashes: int) -> None:
    error = JobFailure(
        code=ErrorCode.WORKER_LOST,
        message=f"The worker {job.leased_by} stopped responding during attempt {job.attempt}.",
        step=job.phase,
        retryable=True,
        hint="If this happens again, check the worker's log for crashes or lack of memory.",
    )
    session.execute(
        update(JobAttempt)
        .where(JobAttempt.job_id == job.id, JobAttempt.number == job.attempt)
        .values(
            outcome=AttemptOutcome.CRASHED, finished_at=now, error=error.model_dump(mode="json")
        )
    )
    job.crashes += 1
    job.lease_until = job.leased_by = None
    # Raise the token before the next claim: a worker that was only paused may resume any time.
    job.lease_token += 1
    status, failure = _after_crash(job, max_crashes), None
    job.status, job.phase = status, JobPhase.WAITING
    # A job that is queued again keeps ``run_after``, and so its place among its owner's jobs.
    if status is not JobStatus.QUEUED:
        job.phase, job.finished_at = JobPhase.ENDED, now
    if status is JobStatus.FAILED:
        failure = error.model_copy(update={"retryable": False})
        job.error = failure.model_dump(mode="json")
    session.flush()
    events.append(session, job.id, [status_event(status, job.attempt, failure)])
    outbox.add_notification(session, job.id)


def _after_crash(job: Job, max_crashes: int) -> JobStatus:
    if job.cancel_requested:
        return JobStatus.CANCELLED
    return JobStatus.FAILED if job.crashes >= max_crashes else JobStatus.QUEUED


def due(
    session: Session, lane: Lane, *, limit: int, older_than: timedelta
) -> list[tuple[str, int]]:
    """Return id and next attempt of jobs due for longer than ``older_than``, oldest first."""
    rows = session.execute(
        select(Job.id, Job.attempt + 1)
        .where(
            Job.status == JobStatus.QUEUED,
            Job.lane == lane,
            Job.run_after <= func.now() - older_than,
        )
        .order_by(Job.run_after)
        .limit(limit)
    )
    return [(job_id, attempt) for job_id, attempt in rows]


def report_waiting(session: Session, lane: Lane, error: GalaError, *, limit: int = 100) -> None:
    """Add the reason why the jobs of a lane wait to the logs of the ``limit`` that are due first.

    A log that got it within the last `_REASON_LASTS` is left as it is.
    """
    recent = select(JobEvent.seq).where(
        JobEvent.job_id == Job.id,
        JobEvent.kind == "log",
        JobEvent.data["waiting"].astext == error.code,
        JobEvent.ts > func.now() - _REASON_LASTS,
    )
    due = session.execute(
        select(Job.id, Job.attempt)
        .where(
            Job.status == JobStatus.QUEUED,
            Job.lane == lane,
            Job.run_after <= func.now(),
            ~recent.exists(),
        )
        .order_by(Job.run_after)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Job)
    ).all()
    for row in due:
        events.append(session, row.id, [events.waiting_event(error, attempt=row.attempt)])


def delete_expired_idempotency_keys(session: Session) -> None:
    """Delete the idempotency keys that have expired."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at < func.now()))


def delete_old_turns(session: Session) -> None:
    """Delete turns older than 30 days; such owners are served first with or without one."""
    session.execute(delete(LaneTurn).where(LaneTurn.served_at < func.now() - _TURN_RETENTION))


def depth(session: Session) -> Mapping[str, tuple[int, float]]:
    """Return for each lane the number of due jobs and the oldest one's waiting time in seconds."""
    age: Any = func.extract("epoch", func.now() - func.min(Job.run_after))
    rows = session.execute(
        select(Job.lane, func.count(), age)
        .where(Job.status == JobStatus.QUEUED, Job.run_after <= func.now())
        .group_by(Job.lane)
    )
    by_lane = {lane: (waiting, float(oldest)) for lane, waiting, oldest in rows}
    return {lane: by_lane.get(lane, (0, 0.0)) for lane in Lane}
