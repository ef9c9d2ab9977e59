"""Operations of a worker that holds a job's lease.

Every write checks the lease token in the same statement, so a worker that was paused until its
lease expired cannot write with its old token; it gets LeaseLost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from gala.db.tables import Asset, Counter, Job, JobAttempt, JobOutput
from gala.errors import ErrorCode, GalaError
from gala.job import AttemptOutcome, JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import events, outbox
from gala.job_queue.claim import CLAIM
from gala.job_queue.events import Event

STALE_WRITES: Final = "stale_writes_rejected"


class LeaseLost(GalaError):
    """The lease has expired; nothing of this attempt was recorded."""


class CancelRequested(GalaError):
    """Cancellation of the job was requested before it was done."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job for one attempt; valid while ``token`` is the job's latest."""

    job_id: str
    attempt: int
    token: int

    def holds(self) -> ColumnElement[bool]:
        """Return the SQL condition that matches the job's row only while the lease is held."""
        return and_(
            Job.id == self.job_id, Job.lease_token == self.token, Job.status == JobStatus.RUNNING
        )


def claim(
    session: Session, *, lane: Lane, worker: str, lease: timedelta
) -> tuple[Job, Lease] | None:
    """Claim the next due job of a lane; return None if no job is due.

    `gala.job_queue.claim` has the statement that selects it.
    """
    job = session.scalars(
        select(Job).from_statement(CLAIM).execution_options(populate_existing=True),
        {"lane": lane, "worker": worker, "lease": lease},
    ).one_or_none()
    if job is None:
        return None
    events.append(session, job.id, [status_event(JobStatus.RUNNING, job.attempt)])
    return job, Lease(job.id, job.attempt, job.lease_token)


def status_event(status: JobStatus, attempt: int, error: JobFailure | None = None) -> Event:
    """Return the event that reports a change of status."""
    data: dict[str, Any] = {"status": status, "attempt": attempt}
    if error is not None:
        data["error"] = error.model_dump(mode="json")
    return Event("status", data)


def renew(
    session: Session,
    lease: Lease,
    *,
    seconds: float,
    phase: JobPhase,
    progress: float,
    new_events: Sequence[Event] = (),
) -> bool:
    """Extend the lease to ``seconds`` from now and record ``progress`` (0 to 1).

    Return True if cancellation was requested; the lease is extended even then, because stopping
    takes time. Raise LeaseLost if the lease is no longer held.
    """
    until = func.clock_timestamp() + timedelta(seconds=seconds)
    cancel = session.scalar(
        update(Job)
        .where(lease.holds())
        .values(lease_until=until, phase=phase, progress=func.greatest(Job.progress, progress))
        .returning(Job.cancel_requested)
        .execution_options(synchronize_session=False)
    )
    if cancel is None:
        raise LeaseLost
    if new_events:
        events.append(session, lease.job_id, new_events)
    return cancel


def still_held(session: Session, lease: Lease) -> bool:
    """Return True if the lease is still held. Locks the job's row until the transaction ends."""
    found = session.scalar(_HELD, {"job_id": lease.job_id, "token": lease.token})
    return found is not None


# These two run for every job; SQL text costs a fraction of a composed statement.
_HELD: Final = text("""
    SELECT id FROM jobs WHERE id = :job_id AND lease_token = :token AND status = 'RUNNING'
    FOR UPDATE
""")
_LEAVE: Final = text("""
    WITH job AS (
        UPDATE jobs SET
            status = :status, phase = :phase, error = :job_error,
            lease_until = NULL, leased_by = NULL,
            progress = coalesce(:progress, progress),
            failures = coalesce(:failures, failures),
            finished_at = CASE WHEN :ends THEN now() END,
            -- Without a delay the job keeps its place among its owner's jobs.
            run_after = CASE
                WHEN :ends OR :delay = interval '0' THEN run_after
                ELSE clock_timestamp() + :delay
            END
        WHERE id = :job_id AND lease_token = :token AND status = 'RUNNING'
            AND NOT (:status = 'DONE' AND cancel_requested)
        RETURNING id, callback_url
    ), attempt AS (
        UPDATE job_attempts SET outcome = :outcome, finished_at = now(), error = :error
        FROM job WHERE job_id = job.id AND number = :attempt
    )
    SELECT callback_url IS NOT NULL AND :ends AS notify FROM job
""").bindparams(
    bindparam("job_error", type_=JSONB(none_as_null=True)),
    bindparam("error", type_=JSONB(none_as_null=True)),
)


def _leave(
    session: Session,
    lease: Lease,
    status: JobStatus,
    outcome: AttemptOutcome,
    *,
    error: JobFailure | None = None,
    new_events: Sequence[Event] = (),
    progress: float | None = None,
    failures: int | None = None,
    delay: timedelta = timedelta(0),
) -> None:
    ends = status is not JobStatus.QUEUED
    failure = None if error is None else error.model_dump(mode="json")
    notify = session.scalar(
        _LEAVE,
        {
            "job_id": lease.job_id,
            "attempt": lease.attempt,
            "token": lease.token,
            "status": status,
            "outcome": outcome,
            "phase": JobPhase.ENDED if ends else JobPhase.WAITING,
            "ends": ends,
            "error": failure,
            "job_error": failure if status is JobStatus.FAILED else None,
            "progress": progress,
            "failures": failures,
            "delay": delay,
        },
    )
    if notify is None:
        raise _refusal(session, lease)
    events.append(session, lease.job_id, [*new_events, status_event(status, lease.attempt, error)])
    if notify:
        outbox.add_notification(session, lease.job_id)


def _refusal(session: Session, lease: Lease) -> GalaError:
    return CancelRequested() if still_held(session, lease) else LeaseLost()


def finish(
    session: Session,
    lease: Lease,
    outputs: Sequence[tuple[str, Asset]],
    *,
    variant: int = 0,
    new_events: Sequence[Event] = (),
) -> None:
    """Record the outputs (role and asset), the last events, and the job as DONE.

    Raise LeaseLost, or CancelRequested if cancellation was requested first; then nothing is
    recorded.
    """
    _leave(session, lease, JobStatus.DONE, AttemptOutcome.DONE, new_events=new_events, progress=1.0)
    session.add_all(asset for _, asset in outputs)
    session.flush()
    session.add_all(
        JobOutput(
            job_id=lease.job_id,
            variant=variant,
            role=role,
            asset_id=asset.id,
            object_key=asset.object_key,
        )
        for role, asset in outputs
    )
    session.flush()


def was_finished(session: Session, lease: Lease) -> bool:
    """Return True if this attempt is recorded as done, for a commit whose response was lost."""
    outcome = session.scalar(
        select(JobAttempt.outcome).where(
            JobAttempt.job_id == lease.job_id, JobAttempt.number == lease.attempt
        )
    )
    return outcome == AttemptOutcome.DONE


def fail(
    session: Session, lease: Lease, error: JobFailure, *, max_failures: int, backoff: timedelta
) -> JobStatus:
    """Record a failure and return the job's new status.

    QUEUED after the back-off (doubled with each failure) if the error is retryable and fewer than
    ``max_failures`` happened; CANCELLED if that was requested; else FAILED. The first loss of the
    renderer or one of its programs is no reason to wait: the job keeps its place.
    """
    row = session.execute(
        select(Job.failures, Job.cancel_requested).where(lease.holds()).with_for_update()
    ).one_or_none()
    if row is None:
        raise LeaseLost
    failures = row.failures + 1
    if row.cancel_requested:
        cancel(session, lease)
        return JobStatus.CANCELLED
    if error.retryable and failures < max_failures:
        at_once = error.code is ErrorCode.RENDERER_LOST and failures == 1
        _leave(
            session,
            lease,
            JobStatus.QUEUED,
            AttemptOutcome.FAILED,
            error=error,
            failures=failures,
            delay=timedelta(0) if at_once else backoff * 2 ** (failures - 1),
        )
        return JobStatus.QUEUED
    _leave(
        session,
        lease,
        JobStatus.FAILED,
        AttemptOutcome.FAILED,
        error=error,
        failures=failures,
    )
    return JobStatus.FAILED


def cancel(session: Session, lease: Lease, *, new_events: Sequence[Event] = ()) -> None:
    """Record the job as CANCELLED; its processes must have ended."""
    _leave(session, lease, JobStatus.CANCELLED, AttemptOutcome.CANCELLED, new_events=new_events)


def release(session: Session, lease: Lease, *, new_events: Sequence[Event] = ()) -> JobStatus:
    """Return the job to the queue and return its new status.

    It counts neither as a failure nor as a crash, and the job keeps its place among its owner's
    jobs. CANCELLED instead if that was requested.
    """
    requested = select(Job.cancel_requested).where(lease.holds()).with_for_update()
    if session.scalar(requested):
        cancel(session, lease)
        return JobStatus.CANCELLED
    _leave(session, lease, JobStatus.QUEUED, AttemptOutcome.RELEASED, new_events=new_events)
    return JobStatus.QUEUED


def count_stale_write(session: Session) -> None:
    """Count a write that was rejected because its lease was lost."""
    session.execute(
        insert(Counter)
        .values(name=STALE_WRITES, value=1)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + 1})
    )


def count_of(session: Session, name: str) -> int:
    """Return the value of a counter; 0 if it was never incremented."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0
