"""Hears from Postgres that something happened to a job, and wakes whoever waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psycopg
from sqlalchemy.engine import make_url

from gala.db.engine import KEEPALIVE
from gala.job_queue.events import CHANNEL

log = logging.getLogger(__name__)

_RECONNECT_SECONDS = 1.0


class JobChangeListener:
    """One listening connection for the whole process; waiters cost an asyncio event each.

    A notification may be lost while the connection is being renewed, so waiters also look for
    themselves every few seconds.
    """

    def __init__(self, database_url: str):
        url = make_url(database_url).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen as long as the context lasts."""
        task = asyncio.create_task(self._listen(), name="watcher")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(len(events) for events in list(self._waiting.values()))

    @contextmanager
    def changes(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something happened to the job; clear it before looking."""
        event = asyncio.Event()
        self._waiting[job_id].add(event)
        try:
            yield event
        finally:
            self._waiting[job_id].discard(event)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except psycopg.Error as error:
                log.warning("cannot hear of jobs now: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hear(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            application_name="gala-api-watcher",
            connect_timeout=5,
            **KEEPALIVE,
        )
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            for job_id in list(self._waiting):
                self._wake(job_id)
            async for notice in connection.notifies():
                self._wake(notice.payload)

    def _wake(self, job_id: str) -> None:
        for event in self._waiting.get(job_id, ()):
            event.set()


async def changed(event: asyncio.Event, *, within: float) -> bool:
    """Wait until the event is set, at most so many seconds; whether it was."""
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return False
    return True
