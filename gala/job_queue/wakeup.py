"""Wake-ups for workers, sent through Redis/RQ after a job was committed.

A wake-up carries a job's id and nothing that Postgres does not have. If one is lost, the job waits
longer, no more: the sweeper of every worker sends new wake-ups for jobs that are due.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from gala.errors import Unavailable
from gala.job import Lane

WORKER_FUNCTION: Final = "gala_worker.ring.answer"
"""Called by workers of the previous release only: current ones take any entry as a wake-up."""

_FAILURE_TTL_SECONDS: Final = 60
"""How long Redis keeps RQ's record of a failed call."""


def connect(url: str, *, timeout: float = 2.0) -> Redis:
    """Return a client whose every command succeeds or fails within ``timeout`` seconds."""
    return Redis.from_url(
        url,
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=15,
    )


def queue_name(base: str, lane: Lane) -> str:
    """Return the name of a lane's RQ queue, e.g. ``gala:batch``."""
    return f"{base}:{lane}"


class Wakeup:
    """Sends wake-ups to the workers of each lane.

    All methods raise Unavailable if Redis does not respond.
    """

    def __init__(self, redis: Redis, base: str):
        self._redis = redis
        self._queues: Mapping[Lane, Queue] = {
            lane: Queue(queue_name(base, lane), connection=redis, serializer=JSONSerializer)
            for lane in Lane
        }

    def notify(self, lane: Lane, job_id: str, attempt: int) -> None:
        """Enqueue one wake-up for the given attempt of a job."""
        try:
            self._queues[lane].enqueue_call(
                WORKER_FUNCTION,
                args=(job_id,),
                job_id=f"{job_id}-{attempt}",
                timeout=-1,
                result_ttl=0,
                failure_ttl=_FAILURE_TTL_SECONDS,
            )
        except RedisError as error:
            raise Unavailable(f"Redis did not accept the wake-up: {error}") from error

    def waiting(self, lane: Lane) -> int:
        """Return the number of wake-ups that no worker of the lane has taken yet."""
        try:
            return len(self._queues[lane])
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error

    def check(self) -> None:
        """Check that Redis responds to a ping."""
        try:
            self._redis.ping()
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
