"""Keeps programs running, stage after stage."""

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
"""A program that ran this long starts its count of failures anew."""
WATCH_SECONDS: Final = 0.2

SUPERVISOR: Final = "gala"
"""The name under which the supervisor itself speaks."""


def restart_delay(failures: int) -> float:
    """Seconds to wait before the restart after the n-th end in a row (n ≥ 1)."""
    return min(FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_DELAY_SECONDS)


class _Kept:
    """A process with the memory of how often it ended."""

    def __init__(self, process: Process):
        self.process = process
        self.failures = 0
        self.started_at = 0.0
        self.due_at: float | None = None

    def start(self, now: float) -> None:
        self.process.start()
        self.started_at = now
        self.due_at = None

    def note_end(self, now: float) -> float:
        """Count the end; the seconds until the restart."""
        if now - self.started_at >= STEADY_SECONDS:
            self.failures = 0
        self.failures += 1
        delay = restart_delay(self.failures)
        self.due_at = now + delay
        return delay


class Supervisor:
    """Starts the stages in order, each once the one before is ready; stops them in reverse.

    A program that ends before it was ever ready fails the start; one that ends later is started
    again, with a growing delay. Everything happens in one thread of its own, because on Linux a
    program ends with the thread that started it.
    """

    def __init__(self, stages: Sequence[Sequence[Program]], *, sink: LineSink | None = None):
        self._sink = sink
        self._stages = [[_Kept(Process(program, sink)) for program in stage] for stage in stages]
        self._thread = Thread(target=self._run, name="supervisor", daemon=True)
        self._started = Event()
        self._stopping = Event()
        self._failure: ServiceFailed | None = None

    def start(self, timeout_seconds: float = 60.0) -> None:
        """Start everything and wait until it is ready.

        Raises:
            ServiceFailed: one ended or was late; everything was stopped again.
        """
        self._ready_by = time.monotonic() + timeout_seconds
        self._thread.start()
        self._started.wait()
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop everything, the last stage first; returns when nothing is left."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def __enter__(self) -> Supervisor:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def process(self, name: str) -> Process:
        """The process of that name."""
        return next(kept.process for kept in self._all() if kept.process.name == name)

    def _all(self) -> list[_Kept]:
        return [kept for stage in self._stages for kept in stage]

    def _say(self, line: str) -> None:
        if self._sink:
            self._sink(SUPERVISOR, line)

    def _run(self) -> None:
        try:
            self._start_stages()
            self._started.set()
            while not self._stopping.wait(WATCH_SECONDS):
                for kept in self._all():
                    self._watch(kept, time.monotonic())
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
            for kept in stage:
                kept.start(time.monotonic())
            for kept in stage:
                left = max(self._ready_by - time.monotonic(), 0.1)
                kept.process.wait_ready(left, give_up=self._stopping)

    def _watch(self, kept: _Kept, now: float) -> None:
        if kept.due_at is not None:
            if now >= kept.due_at:
                kept.start(now)
        elif not kept.process.running:
            delay = kept.note_end(now)
            ending = kept.process.ending()
            self._say(f"{kept.process.name} ended ({ending}); starting it again in {delay:g} s")

    def _stop_stages(self) -> None:
        for stage in reversed(self._stages):
            running = [kept.process for kept in stage if kept.process.running]
            for process in running:
                process.ask_to_stop()
            for process in running:
                process.end()
