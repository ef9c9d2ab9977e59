"""Listen for changes of jobs (Postgres ``LISTEN``) and wake the requests that wait for them."""

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
    """One listening connection for the whole process; each waiter costs an asyncio event.

    Notifications may be lost while the connection is re-established, so waiters also query the
    database every few seconds.
    """

    def __init__(self, database_url: str):
        url = make_url(database_url).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the context is open."""
        task = asyncio.create_task(self._listen(), name="watcher")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def waiting(self) -> int:
        """The number of waiters."""
        return sum(len(events) for events in list(self._waiting.values()))

    @contextmanager
    def changes(self, job_id: str) -> Iterator[asyncio.Event]:
        """Return an event that is set when the job changes; clear it before reading the job."""
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
                await self._receive()
            except psycopg.Error as error:
                log.warning("not listening for changes of jobs, will reconnect: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _receive(self) -> None:
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
    """Wait until the event is set, at most ``within`` seconds. Return True if it was set."""
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return False
    return True
