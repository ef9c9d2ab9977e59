"""Bursts of five SIGTERMs at a busy worker; see ``__main__``."""

from __future__ import annotations

import random
import signal
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import Engine, create_engine, text

from bench.platform.report import Figure, Section
from bench.platform.setup import Bench, start_bench, wait_until
from gala.job import JobStatus, Lane
from gala.supervisor import Process

SIGNALS = 5
_FILM_SECONDS = 2.5
_SHUTDOWN_SECONDS = 0.5
_GAP_SECONDS = 0.005
_EXIT_SECONDS = 10.0
_READY = "worker ready"

_METHOD = (
    f"Two workers; a film of {_FILM_SECONDS:g} s runs on one of them, which gets {SIGNALS} SIGTERMs"
    f" at most {_GAP_SECONDS * 1000:g} ms apart, at a random time of the attempt. It may finish"
    f" within WORKER_SHUTDOWN_SECONDS={_SHUTDOWN_SECONDS:g}, so it hands the job back. Clean: exit"
    " status 0, the attempt RELEASED or DONE, and no program left.\n"
    "End: from the first signal to the exit. Elsewhere: until the other worker has the job."
)


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst: seconds until the exit and until the job was taken up; what was not clean."""

    exit_seconds: float
    elsewhere_seconds: float | None
    problem: str = ""


def measure(folder: Path, console: Console, *, bursts: int, seed: int) -> Section:
    """Send the bursts, each to a worker that is busy; what was not clean is printed."""
    settings = {
        "WORKER_SHUTDOWN_SECONDS": str(_SHUTDOWN_SECONDS),
        "WORKER_SWEEP_SECONDS": "0.5",
        "RENDERER_SLOTS": "2",
        "RATE_LIMIT": "off",
    }
    with start_bench(folder, **settings) as bench, ExitStack() as stack:
        signals = _Signals(bench, random.Random(seed), stack)
        done = []
        for number in range(1, bursts + 1):
            done.append(signals.burst())
            if done[-1].problem:
                console.print(f"[red]burst {number}[/]: {done[-1].problem}", highlight=False)
        unfinished = signals.unfinished()
    return _section(done, unfinished)


class _Signals:
    """Two workers and the jobs that they run in turns."""

    def __init__(self, bench: Bench, chance: random.Random, stack: ExitStack):
        self._bench = bench
        self._chance = chance
        self._engine: Engine = create_engine(bench.services.database_url)
        stack.callback(self._engine.dispose)
        programs = replace(bench.services, slots={Lane.BATCH: 2}).workers()
        self._workers = [Process(program) for program in programs]
        for worker in self._workers:
            self._start(worker)
            stack.callback(worker.stop)

    def burst(self) -> Burst:
        """Send one burst to the worker that runs a new job."""
        job = self._submit()
        wait_until(lambda: self._row(job)["status"] == JobStatus.RUNNING)
        worker = self._holder(self._row(job)["leased_by"])
        time.sleep(self._chance.uniform(0, 1.5))
        started = time.monotonic()
        for _ in range(SIGNALS):
            worker.send(signal.SIGTERM)
            time.sleep(self._chance.uniform(0, _GAP_SECONDS))
        ended = worker.wait_ended(_EXIT_SECONDS)
        exit_seconds = time.monotonic() - started
        problem = "" if ended else f"it did not end within {_EXIT_SECONDS:g} s"
        if not ended:
            worker.kill()
        elsewhere = self._elsewhere(job, started)
        problem = problem or self._problem(job, worker)
        self._start(worker)
        return Burst(exit_seconds, elsewhere, problem)

    def unfinished(self) -> int:
        """Return how many jobs are not DONE at the end."""
        return int(self._one("SELECT count(*) AS n FROM jobs WHERE status <> 'DONE'")["n"])

    def _start(self, worker: Process) -> None:
        worker.tail.clear()
        worker.start()
        wait_until(lambda: any(_READY in line for line in worker.tail))

    def _submit(self) -> str:
        job = {"type": "test_film", "params": {"seconds": _FILM_SECONDS}}
        answer = self._bench.client.post("/jobs", json=job).raise_for_status()
        return str(answer.json()["job"]["id"])

    def _holder(self, leased_by: str) -> Process:
        return next(one for one in self._workers if f"-{one.pid}-" in leased_by)

    def _elsewhere(self, job: str, started: float) -> float | None:
        """Wait until the job is DONE; return when another worker had it, None if none needed to."""
        wait_until(lambda: self._row(job)["attempt"] > 1 or self._row(job)["status"] == "DONE")
        taken = time.monotonic() - started if self._row(job)["attempt"] > 1 else None
        wait_until(lambda: self._row(job)["status"] not in {"QUEUED", "RUNNING"})
        return taken

    def _problem(self, job: str, worker: Process) -> str:
        statement = (
            "SELECT string_agg(outcome, ' ' ORDER BY number) AS outcomes"
            " FROM job_attempts WHERE job_id = :id"
        )
        outcomes = self._one(statement, id=job)["outcomes"]
        if worker.ending() != "exit code 0":
            return f"the worker ended with {worker.ending()}"
        return "" if outcomes in {"DONE", "RELEASED DONE"} else f"the attempts were {outcomes}"

    def _row(self, job: str) -> dict[str, Any]:
        return self._one("SELECT status, attempt, leased_by FROM jobs WHERE id = :id", id=job)

    def _one(self, statement: str, **values: str) -> dict[str, Any]:
        with self._engine.connect() as connection:
            return dict(connection.execute(text(statement), values).mappings().one())


def _section(bursts: list[Burst], unfinished: int) -> Section:
    exits = [burst.exit_seconds for burst in bursts]
    elsewhere = [one.elsewhere_seconds for one in bursts if one.elsewhere_seconds is not None]
    figures = [
        Figure(what="end of the worker, median", unit="s", ours=statistics.median(exits)),
        Figure(what="end of the worker, longest", unit="s", ours=max(exits)),
        Figure(what="jobs that finished in time", unit="", ours=len(bursts) - len(elsewhere)),
        Figure(what="jobs handed back", unit="", ours=len(elsewhere)),
    ]
    if elsewhere:
        median, longest = statistics.median(elsewhere), max(elsewhere)
        figures += [
            Figure(what="elsewhere after, median", unit="s", ours=median),
            Figure(what="elsewhere after, longest", unit="s", ours=longest),
        ]
    problems = sum(bool(burst.problem) for burst in bursts)
    figures += [
        Figure(what="not clean", unit="", ours=problems, below=1),
        Figure(what="jobs not DONE", unit="", ours=unfinished, below=1),
    ]
    return Section(title=f"{len(bursts)} bursts of SIGTERM", method=_METHOD, figures=figures)
