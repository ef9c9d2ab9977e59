"""Wake-ups for workers, sent through Redis/RQ after a job was committed.

A wake-up carries a job's id and nothing that Postgres does not have. If one is lost, the job waits
longer, no more: the sweeper of every worker sends new wake-ups for jobs that are due.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from gala.errors import Unavailable
from gala.job import Lane

WORKER_FUNCTION: Final = "gala_worker.ring.answer"
"""Called by workers of the previous release only: current ones take any entry as a wake-up."""

REQUEST_SECONDS: Final = 1.0
"""How long a request of a client may wait for Redis, at most once per PAUSE_SECONDS."""
PAUSE_SECONDS: Final = 5.0
"""The time without a new try after a caller waited for Redis in vain."""

_QUICK_SECONDS: Final = 0.1
"""Seconds; a failure within this time, such as a refused connection, causes no pause."""

_FAILURE_TTL_SECONDS: Final = 60
"""How long Redis keeps RQ's record of a failed call."""


def connect(url: str, *, timeout: float = 2.0) -> Redis:
    """Return a client whose every command succeeds or fails within ``timeout`` seconds.

    A lost connection is established again once; a command that timed out is not repeated.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        health_check_interval=15,
    )


def queue_name(base: str, lane: Lane) -> str:
    """Return the name of a lane's RQ queue, e.g. ``gala:batch``."""
    return f"{base}:{lane}"


class _Pause:
    """Skips calls for PAUSE_SECONDS after one that waited in vain, so that few callers do.

    After the pause one call at a time is let through, until one succeeds.
    """

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: str | None = None
        self._retry_at = -math.inf

    @contextmanager
    def call(self) -> Iterator[None]:
        """Run the block, unless in a pause; raise Unavailable for that and for its RedisError."""
        self._enter()
        began = time.monotonic()
        try:
            yield
        except RedisError as error:
            if time.monotonic() - began > _QUICK_SECONDS:
                self._failure = str(error)
                self._retry_at = self._clock() + PAUSE_SECONDS
            raise Unavailable(f"Redis did not answer: {error}") from error
        self.end()

    def _enter(self) -> None:
        with self._lock:
            if self._failure is None:
                return
            if self._clock() < self._retry_at:
                raise Unavailable(f"Redis did not answer a moment ago: {self._failure}")
            self._retry_at = self._clock() + PAUSE_SECONDS

    def end(self) -> None:
        """Let all calls through again."""
        self._failure = None


class Wakeup:
    """Sends wake-ups to the workers of each lane.

    All methods raise Unavailable if Redis does not respond. All but `check` also do so without
    trying, for PAUSE_SECONDS after a caller waited in vain.
    """

    def __init__(self, redis: Redis, base: str, *, clock: Callable[[], float] = time.monotonic):
        self._redis = redis
        self._pause = _Pause(clock)
        self._queues: Mapping[Lane, Queue] = {
            lane: Queue(queue_name(base, lane), connection=redis, serializer=JSONSerializer)
            for lane in Lane
        }

    def notify(self, lane: Lane, job_id: str, attempt: int) -> None:
        """Enqueue one wake-up for the given attempt of a job."""
        with self._pause.call():
            self._queues[lane].enqueue_call(
                WORKER_FUNCTION,
                args=(job_id,),
                job_id=f"{job_id}-{attempt}",
                timeout=-1,
                result_ttl=0,
                failure_ttl=_FAILURE_TTL_SECONDS,
            )

    def waiting(self, lane: Lane) -> int:
        """Return the number of wake-ups that no worker of the lane has taken yet."""
        with self._pause.call():
            return len(self._queues[lane])

    def check(self) -> None:
        """Check that Redis responds to a ping."""
        try:
            self._redis.ping()
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
        self._pause.end()
