"""What the holder of a lease may do. Every write checks the lease's token in the same statement.

A worker that was paused past its lease wakes up with an old token: all it can do then is to learn
that it lost the job.
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
from gala.errors import GalaError
from gala.job import AttemptOutcome, JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import events, outbox
from gala.job_queue.claim import CLAIM
from gala.job_queue.events import Event

STALE_WRITES: Final = "stale_writes_rejected"


class LeaseLost(GalaError):
    """Another worker may have this job by now; nothing of this attempt was recorded."""


class CancelRequested(GalaError):
    """The job was asked to stop before it was done."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job: one attempt, valid while its token is the job's newest."""

    job_id: str
    attempt: int
    token: int

    def holds(self) -> ColumnElement[bool]:
        """The condition that makes a write void once the lease is lost."""
        return and_(
            Job.id == self.job_id, Job.lease_token == self.token, Job.status == JobStatus.RUNNING
        )


def claim(
    session: Session, *, lane: Lane, worker: str, lease: timedelta
) -> tuple[Job, Lease] | None:
    """Take the next due job of a lane, or None.

    Which one that is, `gala.job_queue.claim` says.
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
    """The event of a change of status."""
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
    news: Sequence[Event] = (),
) -> bool:
    """Keep the lease for so many seconds from now, and tell how far the work is (0 to 1).

    Returns whether the job was asked to stop; the lease is renewed even then, because stopping
    takes time. Raises LeaseLost.
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
    if news:
        events.append(session, lease.job_id, news)
    return cancel


def still_held(session: Session, lease: Lease) -> bool:
    """Whether the lease is valid now; its row stays locked until the transaction ends."""
    found = session.scalar(_HELD, {"job_id": lease.job_id, "token": lease.token})
    return found is not None


# These two run for every job; as text they cost a fraction of a statement that is composed.
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
            run_after = CASE WHEN :ends THEN run_after ELSE clock_timestamp() + :delay END
        WHERE id = :job_id AND lease_token = :token AND status = 'RUNNING'
            AND NOT (:status = 'DONE' AND cancel_requested)
        RETURNING id, callback_url
    ), attempt AS (
        UPDATE job_attempts SET outcome = :outcome, finished_at = now(), error = :error
        FROM job WHERE job_id = job.id AND number = :attempt
    )
    SELECT callback_url IS NOT NULL AND :ends AS told FROM job
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
    news: Sequence[Event] = (),
    progress: float | None = None,
    failures: int | None = None,
    delay: timedelta = timedelta(0),
) -> None:
    ends = status is not JobStatus.QUEUED
    told = None if error is None else error.model_dump(mode="json")
    left = session.scalar(
        _LEAVE,
        {
            "job_id": lease.job_id,
            "attempt": lease.attempt,
            "token": lease.token,
            "status": status,
            "outcome": outcome,
            "phase": JobPhase.ENDED if ends else JobPhase.WAITING,
            "ends": ends,
            "error": told,
            "job_error": told if status is JobStatus.FAILED else None,
            "progress": progress,
            "failures": failures,
            "delay": delay,
        },
    )
    if left is None:
        raise _refusal(session, lease)
    events.append(session, lease.job_id, [*news, status_event(status, lease.attempt, error)])
    if left:
        outbox.announce(session, lease.job_id)


def _refusal(session: Session, lease: Lease) -> GalaError:
    return CancelRequested() if still_held(session, lease) else LeaseLost()


def finish(
    session: Session,
    lease: Lease,
    made: Sequence[tuple[str, Asset]],
    *,
    variant: int = 0,
    news: Sequence[Event] = (),
) -> None:
    """Record the outputs, a role and its asset each, the last news, and the job as DONE.

    Raises LeaseLost, or CancelRequested if a cancel was accepted first; then nothing is recorded.
    """
    _leave(session, lease, JobStatus.DONE, AttemptOutcome.DONE, news=news, progress=1.0)
    session.add_all(asset for _, asset in made)
    session.flush()
    session.add_all(
        JobOutput(
            job_id=lease.job_id,
            variant=variant,
            role=role,
            asset_id=asset.id,
            object_key=asset.object_key,
        )
        for role, asset in made
    )
    session.flush()


def was_finished(session: Session, lease: Lease) -> bool:
    """Whether this very attempt was recorded as done: answers a commit whose reply was lost."""
    outcome = session.scalar(
        select(JobAttempt.outcome).where(
            JobAttempt.job_id == lease.job_id, JobAttempt.number == lease.attempt
        )
    )
    return outcome == AttemptOutcome.DONE


def fail(
    session: Session, lease: Lease, error: JobFailure, *, max_failures: int, backoff: timedelta
) -> JobStatus:
    """Record a failure: tried again after the back-off if that may help, else the job has FAILED.

    A job that was asked to stop does not start again. Returns the new status.
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
        _leave(
            session,
            lease,
            JobStatus.QUEUED,
            AttemptOutcome.FAILED,
            error=error,
            failures=failures,
            delay=backoff * 2 ** (failures - 1),
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


def cancel(session: Session, lease: Lease, *, news: Sequence[Event] = ()) -> None:
    """Record that the work was stopped on request and its processes are gone."""
    _leave(session, lease, JobStatus.CANCELLED, AttemptOutcome.CANCELLED, news=news)


def release(session: Session, lease: Lease) -> JobStatus:
    """Give the job back at once; it counts neither as a failure nor as a crash.

    A job that was asked to stop does not start again. Returns the new status.
    """
    asked = select(Job.cancel_requested).where(lease.holds()).with_for_update()
    if session.scalar(asked):
        cancel(session, lease)
        return JobStatus.CANCELLED
    _leave(session, lease, JobStatus.QUEUED, AttemptOutcome.RELEASED)
    return JobStatus.QUEUED


def count_stale_write(session: Session) -> None:
    """Count a write that was refused because its lease was lost."""
    session.execute(
        insert(Counter)
        .values(name=STALE_WRITES, value=1)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + 1})
    )


def count_of(session: Session, name: str) -> int:
    """The value of a counter; 0 before its first count."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0
