"""Keeps programs running; starts and stops them in stages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event, Thread
from typing import Final

from gala.supervisor.process import LineSink, Process
from gala.supervisor.program import Program, ServiceFailed

FIRST_DELAY_SECONDS: Final = 0.5
LONGEST_DELAY_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A program that ran at least this long has its count of failures reset."""
WATCH_SECONDS: Final = 0.2

SUPERVISOR: Final = "gala"
"""The name of the supervisor itself in log lines."""


def restart_delay(failures: int) -> float:
    """Return the seconds to wait before a restart after ``failures`` ends in a row (≥ 1)."""
    return min(FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_DELAY_SECONDS)


class _Child:
    """A process with its count of failures and its next restart."""

    def __init__(self, process: Process):
        self.process = process
        self.failures = 0
        self.started_at = 0.0
        self.due_at: float | None = None

    def start(self, now: float) -> None:
        self.started_at = now
        self.process.start()
        self.due_at = None

    def record_end(self, now: float) -> float:
        """Count a failure; return the seconds until the restart."""
        if now - self.started_at >= STEADY_SECONDS:
            self.failures = 0
        self.failures += 1
        delay = restart_delay(self.failures)
        self.due_at = now + delay
        return delay


class Supervisor:
    """Starts the stages in order, each when the previous one is ready; stops them in reverse.

    A program that ends before it was ready fails the start; one that ends later is restarted with
    an increasing delay. All of this runs in a dedicated thread, because on Linux a program ends
    with the thread that started it.
    """

    def __init__(self, stages: Sequence[Sequence[Program]], *, sink: LineSink | None = None):
        self._sink = sink
        self._stages = [[_Child(Process(program, sink)) for program in stage] for stage in stages]
        self._thread = Thread(target=self._run, name="supervisor", daemon=True)
        self._started = Event()
        self._stopping = Event()
        self._failure: ServiceFailed | None = None

    def start(self, timeout_seconds: float = 60.0) -> None:
        """Start all programs and wait until they are ready.

        Raises:
            ServiceFailed: one ended or was not ready in time; all were stopped again.
        """
        self._ready_by = time.monotonic() + timeout_seconds
        self._thread.start()
        self._started.wait()
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop all programs, the last stage first; return when they have ended."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def process(self, name: str) -> Process:
        """Return the process with this name."""
        return next(child.process for child in self._all() if child.process.name == name)

    def _all(self) -> list[_Child]:
        return [child for stage in self._stages for child in stage]

    def _log(self, line: str) -> None:
        if self._sink:
            self._sink(SUPERVISOR, line)

    def _run(self) -> None:
        try:
            self._start_stages()
            self._started.set()
            while not self._stopping.wait(WATCH_SECONDS):
                for child in self._all():
                    self._watch(child, time.monotonic())
        except ServiceFailed as failure:
            self._failure = failure
        except OSError as error:
            self._failure = ServiceFailed(f"a process could not be started: {error}")
        finally:
            self._stop_stages()
            self._started.set()

    def _start_stages(self) -> None:
        for stage in self._stages:
            if self._stopping.is_set():
                return
            for child in stage:
                child.start(time.monotonic())
            for child in stage:
                left = max(self._ready_by - time.monotonic(), 0.1)
                child.process.wait_ready(left, give_up=self._stopping)

    def _watch(self, child: _Child, now: float) -> None:
        if child.due_at is not None:
            if now >= child.due_at:
                self._restart(child, now)
        elif not child.process.running:
            delay = child.record_end(now)
            ending = child.process.ending()
            self._log(f"{child.process.name} ended ({ending}); starting it again in {delay:g} s")

    def _restart(self, child: _Child, now: float) -> None:
        try:
            child.start(now)
        except OSError as error:
            # The machine may have had too many processes for a moment.
            delay = child.record_end(now)
            name = child.process.name
            self._log(f"{name} cannot be started ({error}); trying again in {delay:g} s")

    def _stop_stages(self) -> None:
        for stage in reversed(self._stages):
            running = [child.process for child in stage if child.process.running]
            for process in running:
                process.request_stop()
            for process in running:
                process.end()
