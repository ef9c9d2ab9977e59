"""A job's events as server-sent events, and waiting for the end of a job."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from pydantic_core import to_json
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from gala.db.engine import transaction
from gala.db.tables import Job, JobEvent
from gala.job import ENDED
from gala_api.dependencies import Services
from gala_api.jobs.change_listener import Waiter
from gala_api.schemas.common import rfc3339

_KEEP_ALIVE_SECONDS: Final = 15.0
_BATCH: Final = 200


def _new_events(
    services: Services, job_id: str, after: int, waiter: Waiter
) -> tuple[Sequence[JobEvent], bool]:
    with transaction(services.sessions) as session:
        # The status first: events are written before or with the status that ends the job.
        status = _status(session, job_id, waiter)
        rows = session.scalars(
            select(JobEvent)
            .where(JobEvent.job_id == job_id, JobEvent.seq > after)
            .order_by(JobEvent.seq)
            .limit(_BATCH)
        ).all()
    return rows, (status is None or status in ENDED) and len(rows) < _BATCH


def _status(session: Session, job_id: str, waiter: Waiter) -> str | None:
    """Return the job's status, None if there is no such job; note how far the waiter has read."""
    row = session.execute(select(Job.status, Job.event_seq).where(Job.id == job_id)).one_or_none()
    if row is None:
        return None
    waiter.seen = row.event_seq
    status: str = row.status
    return status


async def stream(services: Services, job_id: str, after: int) -> AsyncGenerator[bytes, None]:
    """Yield the body of a response: a comment at once, then the events.

    Some servers hold the head of a response back until its first chunk.
    """
    yield b": hello\n\n"
    async with aclosing(events(services, job_id, after)) as chunks:
        async for chunk in chunks:
            yield chunk


async def events(services: Services, job_id: str, after: int) -> AsyncGenerator[bytes, None]:
    """Yield the events after the given number as they happen, until the job has ended."""
    with services.change_listener.changes(job_id) as waiter:
        while True:
            waiter.clear()
            rows, last = await run_in_threadpool(_new_events, services, job_id, after, waiter)
            for row in rows:
                yield _encode(row)
                after = row.seq
            if last:
                return
            if len(rows) == _BATCH:
                continue
            while not await waiter.changed(within=_KEEP_ALIVE_SECONDS):
                yield b": still here\n\n"


def _encode(row: JobEvent) -> bytes:
    data = to_json({"ts": rfc3339(row.ts), **row.data})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (row.seq, row.kind.encode(), data)


async def until_ended(services: Services, job_id: str, seconds: float) -> None:
    """Return when the job has ended, or after ``seconds``."""
    deadline = time.monotonic() + seconds
    with services.change_listener.changes(job_id) as waiter:
        while True:
            waiter.clear()
            if await run_in_threadpool(_has_ended, services, job_id, waiter):
                return
            if not await waiter.changed(within=deadline - time.monotonic()):
                return


def _has_ended(services: Services, job_id: str, waiter: Waiter) -> bool:
    with transaction(services.sessions) as session:
        return _status(session, job_id, waiter) in ENDED
