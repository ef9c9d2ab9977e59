"""Renewal of a running attempt's lease in a background thread, and the reasons to stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import NamedTuple

from gala.db.engine import DATABASE_ERRORS, Sessions, driver_message, transaction
from gala.errors import DeadlineExceeded, GalaError
from gala.job import JobPhase, LogLevel
from gala.job_queue import lease as leases
from gala.job_queue.events import Event, log_event
from gala.job_queue.lease import CancelRequested, Lease, LeaseLost

_log = logging.getLogger(__name__)


class ShuttingDown(GalaError):
    """This worker is shutting down; the job returns to the queue."""


class Report(NamedTuple):
    """Phase, progress (0 to 1) and new events of an attempt."""

    phase: JobPhase
    progress: float
    events: list[Event]


class Heartbeat(AbstractContextManager["Heartbeat"]):
    """Renews the lease while an attempt runs; the attempt reports progress to it.

    The attempt calls :meth:`check` often. The first reason to stop wins; it is ``stop_reason``.
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
        self._written: tuple[JobPhase, float] | None = None
        self._events: list[Event] = []
        self._ended = threading.Event()
        self._renewed = time.monotonic()
        self._interrupt: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.stop_reason: GalaError | None = None

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
    def remaining_seconds(self) -> float:
        """Time left until the attempt's deadline."""
        return self._deadline - time.monotonic()

    def report(self, phase: JobPhase, progress: float) -> None:
        """Set the attempt's phase and progress (0 to 1), to be written by the next heartbeat."""
        with self._lock:
            self._phase = phase
            self._progress = max(self._progress, min(progress, 1.0))

    def log(self, msg: str, level: LogLevel = LogLevel.INFO) -> None:
        """Add a line to the job's log, to be written by the next heartbeat."""
        _log.log(logging.getLevelNamesMapping()[level.upper()], "%s", msg)
        with self._lock:
            self._events.append(log_event(msg, attempt=self._lease.attempt, level=level))

    def check(self) -> None:
        """Raise the reason to stop, if there is one."""
        # Time limits are checked here too, because a heartbeat blocks while the database does not
        # respond.
        self._check_time()
        if self.stop_reason is not None:
            raise self.stop_reason

    def set_interrupt(self, interrupt: Callable[[], None] | None) -> None:
        """Set the function that interrupts blocking work once there is a reason to stop.

        It is called in a separate thread. Call :meth:`check` afterwards: a reason that came
        earlier does not call it.
        """
        with self._lock:
            self._interrupt = interrupt

    @property
    def shutting_down(self) -> bool:
        """Return True if a shutdown of the worker was requested."""
        return self._shutdown_at is not None

    def shut_down_within(self, seconds: float) -> None:
        """Let the attempt finish within ``seconds``; then stop it and release the job."""
        self._shutdown_at = time.monotonic() + seconds

    def flush(self) -> None:
        """Renew the lease and write the pending report now; raises LeaseLost."""
        began = time.monotonic()
        with self.pending_report() as report, transaction(self._sessions) as session:
            cancel = leases.renew(
                session,
                self._lease,
                seconds=self._lease_seconds,
                phase=report.phase,
                progress=report.progress,
                new_events=report.events,
            )
        self._renewed = began
        if cancel:
            self._stop(CancelRequested())

    @contextmanager
    def pending_report(self) -> Iterator[Report]:
        """Give what was reported since the last write, to be written in the block.

        If the block raises, it counts as not written and is part of the next report.
        """
        # One writer at a time: if the final write overtook a heartbeat, the events of the
        # heartbeat would remain unwritten.
        with self._writing:
            with self._lock:
                phase, progress, logs = self._phase, self._progress, self._events
                self._events = []
            events = list(logs)
            if (phase, progress) != self._written:
                events.append(Event("progress", {"phase": phase, "progress": round(progress, 4)}))
            try:
                yield Report(phase, progress, events)
            except BaseException:
                with self._lock:
                    self._events = logs + self._events
                raise
            self._written = (phase, progress)

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self.flush()
            except LeaseLost as lost:
                self._stop(lost)
            except DATABASE_ERRORS as error:
                _log.warning("heartbeat missed: %s", driver_message(error))
            self._check_time()

    def _check_time(self) -> None:
        now = time.monotonic()
        if now > self._renewed + self._lease_seconds:
            self._stop(LeaseLost("The lease expired while the database did not respond."))
        elif now > self._deadline:
            self._stop(DeadlineExceeded())
        elif self._shutdown_at is not None and now > self._shutdown_at:
            self._stop(ShuttingDown())

    def _stop(self, reason: GalaError) -> None:
        with self._lock:
            if self.stop_reason is not None:
                return
            self.stop_reason, interrupt = reason, self._interrupt
        if interrupt is not None:
            # An interruption may take seconds; the lease must be renewed meanwhile.
            threading.Thread(target=interrupt, name="interrupt", daemon=True).start()
