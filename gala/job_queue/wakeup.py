"""The doorbell: Redis/RQ tells workers that there may be work. It carries ids, never truth.

A ring that is lost costs only time: every worker's sweeper rings again for jobs that are due.
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

ANSWER: Final = "gala_worker.ring.answer"
"""The function that a worker runs when the bell rings; named, not imported: walls stay."""

_FORGET_SECONDS: Final = 60


def connect(url: str, *, timeout: float = 2.0) -> Redis:
    """A connection whose every command answers or fails within ``timeout`` seconds."""
    return Redis.from_url(
        url,
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=15,
    )


def queue_name(base: str, lane: Lane) -> str:
    """The RQ queue of a lane: ``gala:batch``."""
    return f"{base}:{lane}"


class Wakeup:
    """Rings for jobs. Raises Unavailable when Redis does not answer."""

    def __init__(self, redis: Redis, base: str):
        self._redis = redis
        self._queues: Mapping[Lane, Queue] = {
            lane: Queue(queue_name(base, lane), connection=redis, serializer=JSONSerializer)
            for lane in Lane
        }

    def ring(self, lane: Lane, job_id: str, attempt: int) -> None:
        """Ring once for the given attempt of a job."""
        try:
            self._queues[lane].enqueue_call(
                ANSWER,
                args=(job_id,),
                job_id=f"{job_id}-{attempt}",
                timeout=-1,
                result_ttl=0,
                failure_ttl=_FORGET_SECONDS,
            )
        except RedisError as error:
            raise Unavailable(f"Redis did not take the ring: {error}") from error

    def waiting(self, lane: Lane) -> int:
        """How many rings wait to be heard."""
        try:
            return len(self._queues[lane])
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error

    def check(self) -> None:
        """Ask Redis whether it is there."""
        try:
            self._redis.ping()
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
