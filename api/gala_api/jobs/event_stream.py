"""A job's events as server-sent events, and waiting for the end of a job."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from pydantic_core import to_json
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from gala.db.engine import transaction
from gala.db.tables import Job, JobEvent
from gala.job import ENDED
from gala_api.dependencies import Services
from gala_api.jobs.change_listener import changed
from gala_api.schemas.common import rfc3339

POLL_SECONDS: Final = 3.0
"""The interval at which waiters read the job even without a notification."""

_KEEP_ALIVE_SECONDS: Final = 15.0
_BATCH: Final = 200


def _new_events(services: Services, job_id: str, after: int) -> tuple[Sequence[JobEvent], bool]:
    with transaction(services.sessions) as session:
        # The status first: events are written before or with the status that ends the job.
        status = session.scalar(select(Job.status).where(Job.id == job_id))
        rows = session.scalars(
            select(JobEvent)
            .where(JobEvent.job_id == job_id, JobEvent.seq > after)
            .order_by(JobEvent.seq)
            .limit(_BATCH)
        ).all()
    return rows, (status is None or status in ENDED) and len(rows) < _BATCH


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
    quiet_since = time.monotonic()
    with services.change_listener.changes(job_id) as event:
        while True:
            event.clear()
            rows, last = await run_in_threadpool(_new_events, services, job_id, after)
            for row in rows:
                yield _encode(row)
                after, quiet_since = row.seq, time.monotonic()
            if last:
                return
            if len(rows) == _BATCH:
                continue
            if time.monotonic() - quiet_since > _KEEP_ALIVE_SECONDS:
                yield b": still here\n\n"
                quiet_since = time.monotonic()
            await changed(event, within=POLL_SECONDS)


def _encode(row: JobEvent) -> bytes:
    data = to_json({"ts": rfc3339(row.ts), **row.data})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (row.seq, row.kind.encode(), data)


async def until_ended(services: Services, job_id: str, seconds: float) -> None:
    """Return when the job has ended, or after ``seconds``."""
    deadline = time.monotonic() + seconds
    with services.change_listener.changes(job_id) as event:
        while True:
            event.clear()
            if await run_in_threadpool(_has_ended, services, job_id):
                return
            left = deadline - time.monotonic()
            if left <= 0:
                return
            await changed(event, within=min(left, POLL_SECONDS))


def _has_ended(services: Services, job_id: str) -> bool:
    with transaction(services.sessions) as session:
        return session.scalar(select(Job.status).where(Job.id == job_id)) in ENDED
