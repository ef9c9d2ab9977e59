"""Bare RQ as in its manual: an empty function and a worker that forks for each job."""

from __future__ import annotations

import os
import sys

from redis import Redis
from rq import Queue, Worker

from gala.supervisor import Program

QUEUE = "bench"


def nothing() -> None:
    """Do nothing."""


class BareQueue:
    """An RQ queue with all of RQ's defaults."""

    def __init__(self, url: str):
        self._redis = Redis.from_url(url)
        self._queue = Queue(QUEUE, connection=self._redis)

    def submit(self) -> None:
        """Queue the empty function."""
        self._queue.enqueue(nothing)

    def finished(self) -> int:
        """Return the number of finished jobs."""
        count: int = self._queue.finished_job_registry.count
        return count

    def reset(self) -> None:
        """Remove all jobs."""
        self._redis.flushdb()


def worker(url: str) -> Program:
    """Return the worker as a program."""
    argv = (sys.executable, "-m", "bench.platform.rq_side")
    return Program(name="rq", argv=argv, env={**os.environ, "REDIS_URL": url})


if __name__ == "__main__":
    redis = Redis.from_url(os.environ["REDIS_URL"])
    Worker([QUEUE], connection=redis).work(logging_level="CRITICAL")
