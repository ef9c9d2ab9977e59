"""The queue that lives in Postgres: jobs come in, are asked to stop, start over, and are swept.

What the holder of a lease may do is in `gala.job_queue.lease`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gala.db.tables import IdempotencyKey, Job, JobAttempt, JobInput, JobModel, Turn
from gala.errors import ErrorCode, InvalidJobState, JobNotFound
from gala.ids import Prefix, is_id
from gala.job import AttemptOutcome, JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import events, outbox
from gala.job_queue.lease import status_event

_TURNS_KEPT: Final = timedelta(days=30)


def submit(session: Session, job: Job, inputs: Mapping[str, Sequence[str]]) -> None:
    """Accept a job with its inputs (name → assets' ids and URLs). Durable once the caller commits.

    Only assets have rows: they are not to be deleted meanwhile.
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
    """Cancel a waiting job at once, and ask a running one to stop.

    Asking twice changes nothing. Raises JobNotFound, and InvalidJobState for DONE and FAILED.
    """
    job, now = _locked(session, job_id, owner_id), _now(session)
    if job.status == JobStatus.QUEUED:
        job.status, job.phase, job.finished_at = JobStatus.CANCELLED, JobPhase.ENDED, now
        session.flush()
        events.append(session, job.id, [status_event(JobStatus.CANCELLED, job.attempt)])
        outbox.announce(session, job.id)
    elif job.status == JobStatus.RUNNING:
        job.cancel_requested = True
    elif job.status != JobStatus.CANCELLED:
        raise InvalidJobState(
            f"The job is {job.status} already; only a QUEUED or RUNNING job can be cancelled.",
            status=job.status,
        )
    return job


def retry(session: Session, job_id: str, owner_id: str) -> Job:
    """Queue a FAILED job again under the same id, with fresh limits.

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


def expire_leases(session: Session, *, max_crashes: int) -> list[str]:
    """Take jobs back from workers that went silent; returns their ids.

    A job whose workers died ``max_crashes`` times is poison and fails; one that was asked to stop
    is cancelled; the others are due again at once.
    """
    lapsed = session.scalars(
        select(Job)
        .where(Job.status == JobStatus.RUNNING, Job.lease_until < func.clock_timestamp())
        .with_for_update(skip_locked=True)
        .limit(500)
    ).all()
    now = _now(session)
    for job in lapsed:
        _take_back(session, job, now, max_crashes)
    return [job.id for job in lapsed]


def _take_back(session: Session, job: Job, now: datetime, max_crashes: int) -> None:
    error = JobFailure(
        code=ErrorCode.WORKER_LOST,
        message=f"The worker {job.leased_by} went silent in the middle of attempt {job.attempt}.",
        step=job.phase,
        retryable=True,
        hint="If this happens again, look at the worker's log for memory or crashes.",
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
    # A higher token even before the next claim: the silent worker may wake up at any moment.
    job.lease_token += 1
    status, told = _after_crash(job, max_crashes), None
    job.status, job.phase = status, JobPhase.WAITING
    if status is JobStatus.QUEUED:
        job.run_after = now
    else:
        job.phase, job.finished_at = JobPhase.ENDED, now
    if status is JobStatus.FAILED:
        told = error.model_copy(update={"retryable": False})
        job.error = told.model_dump(mode="json")
    session.flush()
    events.append(session, job.id, [status_event(status, job.attempt, told)])
    outbox.announce(session, job.id)


def _after_crash(job: Job, max_crashes: int) -> JobStatus:
    if job.cancel_requested:
        return JobStatus.CANCELLED
    return JobStatus.FAILED if job.crashes >= max_crashes else JobStatus.QUEUED


def due(
    session: Session, lane: Lane, *, limit: int, older_than: timedelta
) -> list[tuple[str, int]]:
    """Id and next attempt of the jobs that have been due for so long, oldest first."""
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


def forget_idempotency_keys(session: Session) -> None:
    """Drop the idempotency keys that have expired."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at < func.now()))


def forget_turns(session: Session) -> None:
    """Drop the turns of owners that were not served for long; they come first in any case."""
    session.execute(delete(Turn).where(Turn.served_at < func.now() - _TURNS_KEPT))


def depth(session: Session) -> Mapping[str, tuple[int, float]]:
    """For each lane: how many jobs are due, and the seconds that the oldest has waited."""
    age: Any = func.extract("epoch", func.now() - func.min(Job.run_after))
    rows = session.execute(
        select(Job.lane, func.count(), age)
        .where(Job.status == JobStatus.QUEUED, Job.run_after <= func.now())
        .group_by(Job.lane)
    )
    found = {lane: (waiting, float(oldest)) for lane, waiting, oldest in rows}
    return {lane: found.get(lane, (0, 0.0)) for lane in Lane}
