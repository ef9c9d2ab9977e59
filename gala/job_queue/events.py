"""What happened to a job, as rows that are numbered without gaps and announced when committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gala.job import LogLevel, writable

CHANNEL: Final = "gala_jobs"
"""Postgres announces the id of every job that something happened to on this channel."""


class Event(NamedTuple):
    """One thing that happened; ``data`` is what clients see of it."""

    kind: Literal["status", "progress", "log"]
    data: dict[str, Any]


def log_event(msg: str, *, attempt: int, level: LogLevel = LogLevel.INFO) -> Event:
    """A line for the job's log."""
    return Event("log", {"level": level, "msg": writable(msg), "attempt": attempt})


# All in one statement, because it runs with every step of every job.
_APPEND = text("""
    WITH job AS (
        UPDATE jobs SET event_seq = event_seq + jsonb_array_length(:events)
        WHERE id = :job_id
        RETURNING id, event_seq - jsonb_array_length(:events) AS before
    ), added AS (
        INSERT INTO job_events (job_id, seq, kind, data)
        SELECT job.id, job.before + position, event->>'kind', event->'data'
        FROM job, jsonb_array_elements(:events) WITH ORDINALITY AS told (event, position)
    )
    SELECT pg_notify(:channel, id) FROM job
""").bindparams(bindparam("events", type_=JSONB))


def append(session: Session, job_id: str, events: Sequence[Event]) -> None:
    """Add the events in order. The job's row stays locked until the commit.

    That lock is what makes the numbers gapless: a reader that has seen 7 will never miss a 6 that
    commits later.
    """
    told = [event._asdict() for event in events]
    session.execute(_APPEND, {"job_id": job_id, "events": told, "channel": CHANNEL})
