"""A slot: one process that hears the bell of one lane and works on one job at a time."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from sqlalchemy.exc import DBAPIError

from gala.db.engine import driver_message, transaction
from gala.job_queue import lease as leases
from gala.job_queue.wakeup import queue_name
from gala_worker import ring
from gala_worker.attempt import Attempt, Tools

log = logging.getLogger(__name__)

run_next_job = ring.answer
"""The function that RQ calls for every wake-up (see ``gala.job_queue.wakeup``)."""

RECONNECT_SECONDS = 1.0
WORKER_TTL_SECONDS = 60


class JobSlot:
    """Claims the next due job whenever the bell rings, and works on it.

    ``busy`` while it does; ``stopping`` once it takes nothing new.
    """

    def __init__(self, tools: Tools, attempt_over: Callable[[], None] | None = None):
        """``attempt_over`` is called whenever an attempt has ended, however it did."""
        self._tools = tools
        self._attempt: Attempt | None = None
        self._attempt_over = attempt_over
        self.stopping = threading.Event()
        self.busy = False

    def answer(self, _job_id: str) -> None:
        """Work on the next due job: by policy, so usually but not always the one that rang."""
        self.busy = True
        try:
            if not self.stopping.is_set():
                self._work()
        except DBAPIError as error:
            # The ring is lost, the job is not: the sweeper rings again, or takes it back. Told
            # here, because RQ keeps what a ring raises to itself.
            log.warning("left to the sweeper: %s", driver_message(error))
        finally:
            self.busy = False

    def _work(self) -> None:
        settings = self._tools.settings
        with transaction(self._tools.sessions) as session:
            claimed = leases.claim(
                session,
                lane=settings.worker_lane,
                worker=self._tools.name,
                lease=timedelta(seconds=settings.worker_lease_seconds),
            )
        if claimed is None:
            return
        self._attempt = Attempt(self._tools, *claimed)
        try:
            if self.stopping.is_set():
                self.stop()
            self._attempt.run()
        finally:
            self._attempt = None
            if self._attempt_over is not None:
                self._attempt_over()

    def stop(self) -> None:
        """Take nothing new; what runs may finish in time, or is given back."""
        self.stopping.set()
        if self._attempt is not None:
            seconds = self._tools.settings.worker_shutdown_seconds
            self._attempt.heartbeat.shut_down_within(seconds)


class NoDeathPenalty(BaseDeathPenalty):
    """An attempt's one deadline is its heartbeat's; RQ's alarm signal stays out of the way."""

    def setup_death_penalty(self) -> None:
        """Set nothing up."""

    def cancel_death_penalty(self) -> None:
        """Cancel nothing."""


class LaneWorker(SimpleWorker):
    """RQ's worker without a fork per job, on one queue, taught to stop gracefully."""

    death_penalty_class = NoDeathPenalty
    # RQ would wait up to a minute before it looks for a Redis that came back.
    max_connection_wait_time = 1.0

    def __init__(self, slot: JobSlot, queues: Sequence[Queue], *, name: str, connection: Redis):
        super().__init__(
            queues,
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            # How long one BLMOVE blocks at most; attempts run as long as they like.
            worker_ttl=WORKER_TTL_SECONDS,
        )
        self._slot = slot

    def listen(self) -> None:
        """Answer rings until told to stop or until Redis is lost."""
        self.work(logging_level="CRITICAL")

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """On SIGTERM: a running attempt is told, an idle worker leaves at once."""
        del signum, frame
        self._slot.stop()
        self._stop_requested = True
        if not self._slot.busy:
            raise StopRequested


def hear(tools: Tools, slot: JobSlot, redis: Redis) -> None:
    """Answer the bell until told to stop; without Redis, look for it every second."""
    settings = tools.settings
    queue = Queue(
        queue_name(settings.job_queue_name, settings.worker_lane),
        connection=redis,
        serializer=JSONSerializer,
    )
    ring.install(slot.answer)
    # An idle worker may be stopped at any point, also while it waits for Redis to come back.
    with suppress(StopRequested):
        for life in itertools.count(1):
            # RQ's workers leave for good when Redis times out, so each outage ends one's life.
            name = f"{tools.name}-{life}"
            try:
                LaneWorker(slot, [queue], name=name, connection=redis).listen()
            except RedisError as error:
                log.warning("Redis does not answer (REDIS_URL): %s", error)
            if slot.stopping.wait(RECONNECT_SECONDS):
                return
            log.warning("the bell went silent; looking for Redis (REDIS_URL) again")
