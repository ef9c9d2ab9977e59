"""Notifications: an outbox. Written in the transaction that ends a job, sent afterwards.

What is in a row is how the job ended; links and signatures are made when it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from gala import ids
from gala.db.tables import Asset, Job, JobOutput, Notification
from gala.job import ENDED, JobStatus, writable

KEPT: Final = timedelta(days=14)
"""How long a notification is kept, once it was sent or given up."""

_WORDS: Final[Mapping[str, str]] = {
    JobStatus.DONE: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
"""How callers of the process endpoints know these statuses."""
_MAX_ERROR_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A notification to be sent now, and the how-manieth attempt this is."""

    id: str
    owner_id: str
    job_id: str
    target: str
    body: Mapping[str, Any]
    attempt: int


def announce(session: Session, job_id: str) -> None:
    """Put the news of a job that ended in the outbox, if somebody asked for it."""
    job = session.execute(
        select(
            Job.id,
            Job.owner_id,
            Job.type,
            Job.status,
            Job.session_id,
            Job.creation_id,
            Job.client_metadata,
            Job.error,
            Job.finished_at,
            Job.callback_url,
        ).where(Job.id == job_id, Job.callback_url.is_not(None), Job.status.in_(ENDED))
    ).one_or_none()
    if job is None:
        return
    session.add(
        Notification(
            id=ids.new_id(ids.Prefix.NOTIFICATION),
            owner_id=job.owner_id,
            job_id=job.id,
            channel="webhook",
            target=job.callback_url,
            body=_body(job),
        )
    )
    session.flush()


def _body(job: Any) -> dict[str, Any]:
    """For two kinds of readers: `type` and `data`, or the process service's flat fields."""
    finished: datetime = job.finished_at
    return {
        "type": f"job.{job.status.lower()}",
        "timestamp": finished.isoformat(),
        "creationId": job.creation_id,
        "status": _WORDS[job.status],
        "data": {
            "job_id": job.id,
            "status": job.status,
            "type": job.type,
            "session_id": job.session_id,
            "creationId": job.creation_id,
            "creation_id": job.creation_id,
            "metadata": job.client_metadata,
            "error": job.error,
        },
    }


def take(
    session: Session, *, hold: timedelta, max_attempts: int, passing_over: Collection[str]
) -> Due | None:
    """The next notification to send, but none of these owners'; it is due again after ``hold``.

    So one whose sender dies is sent by another, until there were ``max_attempts``.
    """
    row = session.scalars(
        select(Notification)
        .where(
            Notification.state == "due",
            Notification.next_at <= func.now(),
            Notification.owner_id.not_in(passing_over),
        )
        .order_by(Notification.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    row.attempts += 1
    row.next_at = func.clock_timestamp() + hold
    if row.attempts > max_attempts:
        row.state = "dead"
        return None
    session.flush()
    return Due(
        id=row.id,
        owner_id=row.owner_id,
        job_id=row.job_id,
        target=row.target,
        body=row.body,
        attempt=row.attempts,
    )


def outputs(session: Session, job_id: str) -> Mapping[str, str]:
    """The assets that a job made and that are still there, by role."""
    rows = session.execute(
        select(JobOutput.role, Asset.id)
        .join(Asset, Asset.id == JobOutput.asset_id)
        .where(JobOutput.job_id == job_id)
        .order_by(JobOutput.variant.desc(), JobOutput.role)
    )
    return {row.role: row.id for row in rows}


def _is(due: Due) -> ColumnElement[bool]:
    """The row, unless somebody else took it meanwhile."""
    return and_(
        Notification.id == due.id,
        Notification.attempts == due.attempt,
        Notification.state == "due",
    )


def mark_sent(session: Session, due: Due) -> None:
    """Its receiver has it."""
    values = {"state": "sent", "sent_at": func.now(), "last_error": None}
    session.execute(update(Notification).where(_is(due)).values(values))


def postpone(session: Session, due: Due, error: str, pause: timedelta) -> None:
    """Try again after the pause."""
    values = {"next_at": func.clock_timestamp() + pause, "last_error": _kept(error)}
    session.execute(update(Notification).where(_is(due)).values(values))


def give_up(session: Session, due: Due, error: str) -> None:
    """Never send it."""
    values = {"state": "dead", "last_error": _kept(error)}
    session.execute(update(Notification).where(_is(due)).values(values))


def give_up_target(session: Session, due: Due, error: str) -> None:
    """Send neither this one nor the owner's others to the same URL."""
    session.execute(
        update(Notification)
        .where(
            Notification.state == "due",
            Notification.owner_id == due.owner_id,
            Notification.target == due.target,
        )
        .values(state="dead", last_error=_kept(error))
    )


def _kept(error: str) -> str:
    return writable(error)[:_MAX_ERROR_CHARACTERS]


def lag(session: Session) -> float:
    """For how many seconds the oldest notification has been due; 0 if none is."""
    oldest: Any = func.extract("epoch", func.now() - func.min(Notification.next_at))
    due = Notification.state == "due", Notification.next_at <= func.now()
    return float(session.scalar(select(oldest).where(*due)) or 0)


def prune(session: Session) -> None:
    """Drop what was sent or given up long ago."""
    over = Notification.state != "due", Notification.created_at < func.now() - KEPT
    session.execute(delete(Notification).where(*over))
