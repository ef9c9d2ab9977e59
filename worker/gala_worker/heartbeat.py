"""Keeps the lease of a running attempt alive from a thread of its own, and hears when to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from gala.db.engine import Sessions, driver_message, transaction
from gala.errors import DeadlineExceeded, GalaError
from gala.job import JobPhase, LogLevel
from gala.job_queue import lease as leases
from gala.job_queue.events import Event, log_event
from gala.job_queue.lease import CancelRequested, Lease, LeaseLost

log = logging.getLogger(__name__)


class ShuttingDown(GalaError):
    """This worker is being stopped; the job goes back to the queue."""


class Report(NamedTuple):
    """How far an attempt is, 0 to 1, and what happened."""

    phase: JobPhase
    progress: float
    news: list[Event]


class Heartbeat(AbstractContextManager["Heartbeat"]):
    """Beats while an attempt runs. The working thread reports to it and asks it whether to go on.

    The first reason to stop wins and is kept in ``stopped``.
    """

    def __init__(
        self,
        sessions: Sessions,
        lease: Lease,
        *,
        lease_seconds: float,
        interval: float,
        deadline_seconds: float,
    ):
        self._sessions = sessions
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._interval = interval
        self._deadline = time.monotonic() + deadline_seconds
        self._shutdown_at: float | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._phase = JobPhase.STAGING
        self._progress = 0.0
        self._told: tuple[JobPhase, float] | None = None
        self._news: list[Event] = []
        self._ended = threading.Event()
        self._renewed = time.monotonic()
        self._on_stop: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.stopped: GalaError | None = None

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def remaining(self) -> float:
        """Seconds until the attempt's deadline."""
        return self._deadline - time.monotonic()

    def report(self, phase: JobPhase, progress: float) -> None:
        """Tell how far the attempt is, 0 to 1; written with the next beat."""
        with self._lock:
            self._phase = phase
            self._progress = max(self._progress, min(progress, 1.0))

    def tell(self, msg: str, level: LogLevel = LogLevel.INFO) -> None:
        """Add a line to the job's log; written with the next beat."""
        log.log(logging.getLevelNamesMapping()[level.upper()], "%s", msg)
        with self._lock:
            self._news.append(log_event(msg, attempt=self._lease.attempt, level=level))

    def check(self) -> None:
        """Raise the reason to stop, if there is one."""
        # Not left to the beats alone: while the database does not answer, none comes to its end.
        self._look_at_the_clock()
        if self.stopped is not None:
            raise self.stopped

    def interrupt_with(self, on_stop: Callable[[], None] | None) -> None:
        """Call this, in a thread of its own, once there is a reason to stop blocking work.

        Check afterwards: the reason may have come before.
        """
        with self._lock:
            self._on_stop = on_stop

    @property
    def shutting_down(self) -> bool:
        """Whether the worker was told to stop."""
        return self._shutdown_at is not None

    def shut_down_within(self, seconds: float) -> None:
        """Let the attempt finish if it can within so many seconds, then give the job back."""
        self._shutdown_at = time.monotonic() + seconds

    def flush(self) -> None:
        """Write what was reported now; raises LeaseLost."""
        asked = time.monotonic()
        with self.unwritten() as report, transaction(self._sessions) as session:
            cancel = leases.renew(
                session,
                self._lease,
                seconds=self._lease_seconds,
                phase=report.phase,
                progress=report.progress,
                new_events=report.news,
            )
        self._renewed = asked
        if cancel:
            self._stop(CancelRequested())

    @contextmanager
    def unwritten(self) -> Iterator[Report]:
        """What was reported since the last beat, for whoever writes it now.

        Unless the block ends well it counts as not written, and comes again.
        """
        # One writer at a time: an end that overtook a beat would leave the beat's news unwritten.
        with self._writing:
            with self._lock:
                phase, progress, logs = self._phase, self._progress, self._news
                self._news = []
            news = list(logs)
            if (phase, progress) != self._told:
                news.append(Event("progress", {"phase": phase, "progress": round(progress, 4)}))
            try:
                yield Report(phase, progress, news)
            except BaseException:
                with self._lock:
                    self._news = logs + self._news
                raise
            self._told = (phase, progress)

    def _beat(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self.flush()
            except LeaseLost as lost:
                self._stop(lost)
            except DBAPIError as error:
                log.warning("heartbeat missed: %s", driver_message(error))
            self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if now > self._renewed + self._lease_seconds:
            self._stop(LeaseLost("The lease ran out while the database did not answer."))
        elif now > self._deadline:
            self._stop(DeadlineExceeded())
        elif self._shutdown_at is not None and now > self._shutdown_at:
            self._stop(ShuttingDown())

    def _stop(self, reason: GalaError) -> None:
        with self._lock:
            if self.stopped is not None:
                return
            self.stopped, on_stop = reason, self._on_stop
        if on_stop is not None:
            # Stopping may take seconds; the lease is to be renewed meanwhile.
            threading.Thread(target=on_stop, name="interrupt", daemon=True).start()
