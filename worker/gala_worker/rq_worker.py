"""The RQ worker process: waits for wake-ups of one lane and runs one job at a time."""

from __future__ import annotations

import _thread
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from gala.db.engine import DATABASE_ERRORS, driver_message, transaction
from gala.errors import OutOfDisk
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.job_queue.wakeup import queue_name
from gala_worker.attempt import Attempt, WorkerResources

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 1.0
WORKER_TTL_SECONDS = 60
REPORT_SECONDS = 10.0
"""The least time between two reports why no job is claimed."""


class JobSlot:
    """Claims and runs the next due job at each wake-up.

    ``busy`` is True while a job runs; ``stopping`` is set once no new job is claimed.
    """

    def __init__(
        self, resources: WorkerResources, on_attempt_end: Callable[[], None] | None = None
    ):
        """``on_attempt_end`` is called after every attempt, whatever its result."""
        self._resources = resources
        self._attempt: Attempt | None = None
        self._on_attempt_end = on_attempt_end
        self._report_again_at = 0.0
        self.stopping = threading.Event()
        self.busy = False

    def run_next(self) -> None:
        """Run the next due job, which the claim policy chooses: not always that of the wake-up."""
        self.busy = True
        try:
            if not self.stopping.is_set():
                self._claim_and_run()
        except DATABASE_ERRORS as error:
            # The wake-up is lost but the job is not: the sweeper sends another one or expires the
            # lease. Logged here, because RQ does not log the exceptions of the functions it calls.
            log.warning("The sweeper will retry: %s", driver_message(error))
        finally:
            self.busy = False

    def _claim_and_run(self) -> None:
        settings = self._resources.settings
        try:
            self._resources.require_disk_space()
        except OutOfDisk as error:
            self._report_waiting(error)
            return
        with transaction(self._resources.sessions) as session:
            claimed = leases.claim(
                session,
                lane=settings.worker_lane,
                worker=self._resources.name,
                lease=timedelta(seconds=settings.worker_lease_seconds),
            )
        if claimed is None:
            return
        self._attempt = Attempt(self._resources, *claimed)
        try:
            if self.stopping.is_set():
                self.stop()
            self._attempt.run()
        finally:
            self._attempt = None
            if self._on_attempt_end is not None:
                self._on_attempt_end()

    def _report_waiting(self, error: OutOfDisk) -> None:
        """Report why no job is claimed; the sweeper's next wake-up tries again."""
        now = time.monotonic()
        if now < self._report_again_at:
            return
        self._report_again_at = now + REPORT_SECONDS
        log.warning("no job is claimed: %s %s", error.message, error.hint)
        with transaction(self._resources.sessions) as session:
            jobs.report_waiting(session, self._resources.settings.worker_lane, error)

    def stop(self) -> None:
        """Claim no new job; a running attempt may finish in time, or its job is released.

        Takes locks: never call it in a signal handler.
        """
        self.stopping.set()
        if self._attempt is not None:
            seconds = self._resources.settings.worker_shutdown_seconds
            self._attempt.heartbeat.shut_down_within(seconds)


class NoDeathPenalty(BaseDeathPenalty):
    """Disables RQ's time limit: the heartbeat enforces the deadline of an attempt."""

    def setup_death_penalty(self) -> None:
        """Do nothing."""

    def cancel_death_penalty(self) -> None:
        """Do nothing."""


class LaneWorker(SimpleWorker):
    """RQ's worker without a fork per job, on one queue, with a graceful stop."""

    death_penalty_class = NoDeathPenalty
    # By default, RQ waits up to a minute between its attempts to reconnect to Redis.
    max_connection_wait_time = 1.0

    def __init__(self, slot: JobSlot, queues: Sequence[Queue], *, name: str, connection: Redis):
        super().__init__(
            queues,
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            # Limits how long one BLMOVE blocks; it does not limit attempts.
            worker_ttl=WORKER_TTL_SECONDS,
        )
        self._slot = slot

    def listen(self) -> None:
        """Handle wake-ups until a stop is requested or the connection to Redis is lost."""
        self.work(logging_level="CRITICAL")

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Take any entry of the queue as a wake-up, and run the next due job of the lane.

        RQ would import and call the functions, callbacks and webhooks that the entry names, so
        that write access to Redis would allow code to be executed here. None of them is read.
        """
        self._remove(queue, job.id)
        self._slot.run_next()

    def run_maintenance_tasks(self) -> None:
        """Remove wake-ups that crashed workers left.

        RQ's own tasks call the failure callbacks that abandoned entries name. An entry is between
        its two queues for milliseconds; if it is removed then, the sweeper sends another one.
        """
        for queue in self.queues:
            for job_id in queue.intermediate_queue.get_job_ids():
                self._remove(queue, job_id)
        self.last_cleaned_at = datetime.now(UTC)  # type: ignore[assignment]  # RQ: None first

    def _remove(self, queue: Queue, job_id: str) -> None:
        self.connection.lrem(queue.intermediate_queue_key, 0, job_id)
        self.connection.delete(Job.key_for(job_id))

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Handle SIGTERM: stop the running attempt gracefully, or an idle worker at once.

        A handler may interrupt another one, so it takes no lock: the slot is stopped in a thread,
        started by the function that uses no lock of Python's either.
        """
        del signum, frame
        if not self._stop_requested:
            self._stop_requested = True
            _thread.start_new_thread(self._slot.stop, ())
        if not self._slot.busy:
            raise StopRequested


def serve_lane(resources: WorkerResources, slot: JobSlot, redis: Redis) -> None:
    """Handle wake-ups until a stop is requested; without Redis, reconnect every second."""
    settings = resources.settings
    queue = Queue(
        queue_name(settings.job_queue_name, settings.worker_lane),
        connection=redis,
        serializer=JSONSerializer,
    )
    # An idle worker may be stopped at any point, also while it waits for Redis.
    with suppress(StopRequested):
        for number in itertools.count(1):
            # RQ's workers exit when Redis times out, so each outage needs a new one.
            name = f"{resources.name}-{number}"
            try:
                LaneWorker(slot, [queue], name=name, connection=redis).listen()
            except RedisError as error:
                log.warning("Redis does not answer (REDIS_URL): %s", error)
            if slot.stopping.wait(RECONNECT_SECONDS):
                return
            log.warning("Connection to Redis lost; reconnecting (REDIS_URL)")
