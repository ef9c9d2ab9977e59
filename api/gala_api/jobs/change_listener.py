"""Wake the requests that wait for changes of jobs: by Postgres ``LISTEN`` and a shared poll."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Final

import psycopg
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from gala.db.engine import KEEPALIVE, Sessions, transaction
from gala.db.tables import Job
from gala.job_queue.events import CHANNEL

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 3.0
"""The interval at which all jobs that are waited for are queried, even without a notification."""

_RECONNECT_SECONDS = 1.0


class Waiter:
    """Waits for changes of one job."""

    def __init__(self) -> None:
        self.seen = -1
        """The number of the job's latest event when the waiter last read the job."""
        self._changed = asyncio.Event()

    def clear(self) -> None:
        """Forget earlier changes; call it before reading the job."""
        self._changed.clear()

    def wake(self) -> None:
        """Report a change."""
        self._changed.set()

    async def changed(self, *, within: float) -> bool:
        """Wait for a change, at most ``within`` seconds. Return True if there was one."""
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True


class JobChangeListener:
    """One connection that listens and one query that polls, for all waiters of the process.

    A waiter costs memory, and a query when its job has changed. Notifications may be lost while the
    connection is established again; the poll finds the changes that they would have reported.
    """

    def __init__(
        self, database_url: str, sessions: Sessions, *, poll_seconds: float = POLL_SECONDS
    ):
        url = make_url(database_url).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._sessions = sessions
        self._poll_seconds = poll_seconds
        self._waiting: defaultdict[str, set[Waiter]] = defaultdict(set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen and poll while the context is open."""
        async with AsyncExitStack() as tasks:
            for name, work in (("listener", self._listen()), ("poller", self._poll())):
                task = asyncio.create_task(work, name=name)
                tasks.push_async_callback(_cancel, task)
            yield

    @property
    def waiting(self) -> int:
        """The number of waiters."""
        return sum(len(waiters) for waiters in list(self._waiting.values()))

    @contextmanager
    def changes(self, job_id: str) -> Iterator[Waiter]:
        """Return a waiter for the job; clear it before reading the job."""
        waiter = Waiter()
        self._waiting[job_id].add(waiter)
        try:
            yield waiter
        finally:
            self._waiting[job_id].discard(waiter)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            if not self._waiting:
                continue
            try:
                latest = await run_in_threadpool(self._latest_events, list(self._waiting))
            except SQLAlchemyError as error:
                reason = str(error).partition("\n")[0]
                log.warning("cannot look for changes of jobs, will try again: %s", reason)
                continue
            for job_id, waiters in self._waiting.items():
                for waiter in waiters:
                    if waiter.seen != latest.get(job_id):
                        waiter.wake()

    def _latest_events(self, job_ids: list[str]) -> Mapping[str, int]:
        """Return the number of the latest event of each job; every change of a job adds one."""
        with transaction(self._sessions) as session:
            rows = session.execute(select(Job.id, Job.event_seq).where(Job.id.in_(job_ids)))
            return {row.id: row.event_seq for row in rows}

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
        for waiter in self._waiting.get(job_id, ()):
            waiter.wake()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
