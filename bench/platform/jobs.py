"""No-op jobs from end to end, compared with RQ's forking worker and an empty function."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine, text

from bench.platform import rq_side
from bench.platform.report import Figure, Section
from bench.platform.setup import Bench, running, wait_until
from gala.job import JobStatus

JOBS = 300
ROUNDS = 3
SECONDS = 70.0
"""No round starts after this time."""

_METHOD = (
    f"{JOBS} jobs from one client over one connection, one worker process on each side; medians"
    " of {rounds} rounds in turns.\n"
    "end to end: from sending the first to seeing the last finished, with a running worker."
    " submission: without a worker, until the last is accepted.\n"
    "draining: all waiting when the worker starts, from the first seen finished to the last.\n"
    "GALA's job is committed by Postgres before POST answers, rendered over HTTP, stored with"
    " its checksum verified, recorded and cleaned up; RQ's lives in Valkey's memory."
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two systems: how to submit, count and process jobs."""

    submit: Callable[[], object]
    finished: Callable[[], int]
    reset: Callable[[], object]
    worker: Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Rates:
    """Jobs per second."""

    whole: float
    submission: float
    draining: float


def measure(bench: Bench) -> Section:
    """Measure both systems in turns."""
    with _gala(bench) as ours:
        rounds = _in_turns(ours, _bare_rq(bench))
    ours_rates, other_rates = ([pair[side] for pair in rounds] for side in (0, 1))

    def figure(what: str, of: Callable[[Rates], float], aim: float | None = None) -> Figure:
        reference, own = (statistics.median(map(of, rates)) for rates in (other_rates, ours_rates))
        return Figure(what=what, unit="jobs/s", ours=own, reference=reference, least_ratio=aim)

    figures = (
        figure("no-op jobs, end to end", lambda rates: rates.whole, 0.5),
        figure("submission alone", lambda rates: rates.submission),
        figure("draining alone", lambda rates: rates.draining),
    )
    return Section(
        title="No-op jobs",
        against="RQ, forking",
        method=_METHOD.format(rounds=len(rounds)),
        figures=figures,
    )


def _in_turns(ours: Side, other: Side) -> list[tuple[Rates, Rates]]:
    give_up = time.monotonic() + SECONDS
    rounds = [(_rates(ours), _rates(other))]
    while len(rounds) < ROUNDS and time.monotonic() < give_up:
        rounds.append((_rates(ours), _rates(other)))
    return rounds


@contextmanager
def _gala(bench: Bench) -> Iterator[Side]:
    engine = create_engine(bench.services.database_url)
    earlier = 0

    def reset() -> None:
        nonlocal earlier
        earlier = _done(engine)

    yield Side(
        submit=lambda: bench.submit(type="test_noop"),
        finished=lambda: _done(engine) - earlier,
        reset=reset,
        worker=bench.worker,
    )
    engine.dispose()


def _done(engine: Engine) -> int:
    with engine.begin() as connection:
        statement = text("SELECT count(*) FROM jobs WHERE status = :status")
        done: int = connection.execute(statement, {"status": JobStatus.DONE}).scalar_one()
        return done


def _bare_rq(bench: Bench) -> Side:
    queue = rq_side.BareQueue(bench.spare_redis_url)
    return Side(
        submit=queue.submit,
        finished=queue.finished,
        reset=queue.reset,
        worker=lambda: running(rq_side.worker(bench.spare_redis_url)),
    )


def _rates(side: Side) -> Rates:
    submission = _submission(side)
    with side.worker():
        draining = _draining(side)
        whole = _end_to_end(side)
    return Rates(whole, submission, draining)


def _submission(side: Side) -> float:
    side.reset()
    started = time.perf_counter()
    _submit_all(side)
    return JOBS / (time.perf_counter() - started)


def _draining(side: Side) -> float:
    wait_until(lambda: side.finished() > 0)
    first, started = side.finished(), time.perf_counter()
    wait_until(lambda: side.finished() == JOBS)
    return (JOBS - first) / (time.perf_counter() - started)


def _end_to_end(side: Side) -> float:
    side.reset()
    started = time.perf_counter()
    _submit_all(side)
    wait_until(lambda: side.finished() == JOBS)
    return JOBS / (time.perf_counter() - started)


def _submit_all(side: Side) -> None:
    for _ in range(JOBS):
        side.submit()
