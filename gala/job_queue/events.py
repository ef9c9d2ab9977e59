"""Events of jobs: rows numbered without gaps per job, and a Postgres notification at commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gala.errors import GalaError
from gala.job import LogLevel, writable

CHANNEL: Final = "gala_jobs"
"""The Postgres channel (LISTEN/NOTIFY) on which the id of a job is sent when it has new events."""


class Event(NamedTuple):
    """An event of a job; ``data`` is the part that clients see."""

    kind: Literal["status", "progress", "log"]
    data: dict[str, Any]


def log_event(msg: str, *, attempt: int, level: LogLevel = LogLevel.INFO) -> Event:
    """Return an event that adds a line to the job's log."""
    return Event("log", {"level": level, "msg": writable(msg), "attempt": attempt})


def waiting_event(error: GalaError, *, attempt: int) -> Event:
    """Return an event that adds a line to the job's log: why the job waits."""
    event = log_event(f"waiting: {error.message}", attempt=attempt, level=LogLevel.WARNING)
    event.data["waiting"] = error.code
    return event


# One statement, because it runs at every step of every job.
_APPEND = text("""
    WITH job AS (
        UPDATE jobs SET event_seq = event_seq + jsonb_array_length(:events)
        WHERE id = :job_id
        RETURNING id, event_seq - jsonb_array_length(:events) AS before
    ), added AS (
        INSERT INTO job_events (job_id, seq, kind, data)
        SELECT job.id, job.before + position, event->>'kind', event->'data'
        FROM job, jsonb_array_elements(:events) WITH ORDINALITY AS new (event, position)
    )
    SELECT pg_notify(:channel, id) FROM job
""").bindparams(bindparam("events", type_=JSONB))


def append(session: Session, job_id: str, events: Sequence[Event]) -> None:
    """Append the events in order. The job's row stays locked until the commit.

    The lock is what makes the numbers gapless: no event 6 can be committed after a reader has seen
    event 7.
    """
    rows = [event._asdict() for event in events]
    session.execute(_APPEND, {"job_id": job_id, "events": rows, "channel": CHANNEL})
