"""Transactional outbox of webhook notifications.

A row is written in the transaction that ends the job and is sent afterwards. It records how the
job ended; links and signatures are added when it is sent.
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

RETENTION: Final = timedelta(days=14)
"""How long a notification is kept after it was sent or given up."""

_PROCESS_STATUS: Final[Mapping[str, str]] = {
    JobStatus.DONE: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
"""The process service's names of these statuses."""
_MAX_ERROR_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotification:
    """A notification to send now; ``attempt`` counts from 1."""

    id: str
    owner_id: str
    job_id: str
    target: str
    body: Mapping[str, Any]
    attempt: int


def add_notification(session: Session, job_id: str) -> None:
    """Add a notification to the outbox if the job has ended and has a callback URL."""
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
    """Return the body: `type` and `data`, and the flat fields that process service callers read."""
    finished: datetime = job.finished_at
    return {
        "type": f"job.{job.status.lower()}",
        "timestamp": finished.isoformat(),
        "creationId": job.creation_id,
        "status": _PROCESS_STATUS[job.status],
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
    session: Session, *, hold: timedelta, max_attempts: int, except_owners: Collection[str]
) -> DueNotification | None:
    """Take the next notification to send, of any owner but ``except_owners``.

    It is due again after ``hold``, so that another worker sends it if this one dies; after
    ``max_attempts`` it is given up.
    """
    row = session.scalars(
        select(Notification)
        .where(
            Notification.state == "due",
            Notification.next_at <= func.now(),
            Notification.owner_id.not_in(except_owners),
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
    return DueNotification(
        id=row.id,
        owner_id=row.owner_id,
        job_id=row.job_id,
        target=row.target,
        body=row.body,
        attempt=row.attempts,
    )


def outputs(session: Session, job_id: str) -> Mapping[str, str]:
    """Return the ids of the job's output assets that still exist, by role."""
    rows = session.execute(
        select(JobOutput.role, Asset.id)
        .join(Asset, Asset.id == JobOutput.asset_id)
        .where(JobOutput.job_id == job_id)
        .order_by(JobOutput.variant.desc(), JobOutput.role)
    )
    return {row.role: row.id for row in rows}


def _matches(due: DueNotification) -> ColumnElement[bool]:
    """Return the condition that matches the row unless another worker took it meanwhile."""
    return and_(
        Notification.id == due.id,
        Notification.attempts == due.attempt,
        Notification.state == "due",
    )


def mark_sent(session: Session, due: DueNotification) -> None:
    """Mark the notification as received."""
    values = {"state": "sent", "sent_at": func.now(), "last_error": None}
    session.execute(update(Notification).where(_matches(due)).values(values))


def postpone(session: Session, due: DueNotification, error: str, pause: timedelta) -> None:
    """Send it again after ``pause``."""
    values = {"next_at": func.clock_timestamp() + pause, "last_error": _shortened(error)}
    session.execute(update(Notification).where(_matches(due)).values(values))


def give_up(session: Session, due: DueNotification, error: str) -> None:
    """Mark the notification as dead; it is not sent again."""
    values = {"state": "dead", "last_error": _shortened(error)}
    session.execute(update(Notification).where(_matches(due)).values(values))


def give_up_target(session: Session, due: DueNotification, error: str) -> None:
    """Mark this one and the owner's others for the same URL as dead."""
    session.execute(
        update(Notification)
        .where(
            Notification.state == "due",
            Notification.owner_id == due.owner_id,
            Notification.target == due.target,
        )
        .values(state="dead", last_error=_shortened(error))
    )


def _shortened(error: str) -> str:
    return writable(error)[:_MAX_ERROR_CHARACTERS]


def lag(session: Session) -> float:
    """Return the seconds for which the oldest notification has been due; 0 if none is."""
    oldest: Any = func.extract("epoch", func.now() - func.min(Notification.next_at))
    due = Notification.state == "due", Notification.next_at <= func.now()
    return float(session.scalar(select(oldest).where(*due)) or 0)


def prune(session: Session) -> None:
    """Delete notifications that are older than ``RETENTION`` and no longer due."""
    expired = Notification.state != "due", Notification.created_at < func.now() - RETENTION
    session.execute(delete(Notification).where(*expired))
