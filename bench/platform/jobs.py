"""Jobs that do nothing, the whole way, against RQ's forking worker and an empty function."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine, text

from bench.platform import rq_side
from bench.platform.house import House, running, wait_until
from bench.platform.report import Figure, Section
from gala.job import JobStatus

JOBS = 300
ROUNDS = 3
SECONDS = 70.0
"""No further round begins after so long."""

_COUNTED = (
    f"{JOBS} jobs from one client over one connection, one worker process on each side; medians"
    " of {rounds} rounds in turns.\n"
    "whole way: from sending the first to seeing the last finished, the worker being there."
    " submission: no worker being there, until the last is accepted.\n"
    "draining: all waiting when the worker starts, from the first seen finished to the last.\n"
    "GALA's job is committed by Postgres before POST answers, rendered over HTTP, stored with"
    " its checksum verified, recorded and cleaned up; RQ's lives in Valkey's memory."
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: how to submit, count and work."""

    submit: Callable[[], object]
    finished: Callable[[], int]
    forget: Callable[[], object]
    worker: Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Rates:
    """Jobs per second."""

    whole: float
    submission: float
    draining: float


def measure(house: House) -> Section:
    """Both sides in turns."""
    with _gala(house) as ours:
        rounds = _in_turns(ours, _bare_rq(house))
    ours_rates, other_rates = ([pair[side] for pair in rounds] for side in (0, 1))

    def figure(what: str, of: Callable[[Rates], float], aim: float | None = None) -> Figure:
        reference, own = (statistics.median(map(of, rates)) for rates in (other_rates, ours_rates))
        return Figure(what=what, unit="jobs/s", ours=own, reference=reference, least_ratio=aim)

    figures = (
        figure("no-op jobs, the whole way", lambda rates: rates.whole, 0.5),
        figure("submission alone", lambda rates: rates.submission),
        figure("draining alone", lambda rates: rates.draining),
    )
    return Section(
        title="No-op jobs",
        against="RQ, forking",
        counted=_COUNTED.format(rounds=len(rounds)),
        figures=figures,
    )


def _in_turns(ours: Side, other: Side) -> list[tuple[Rates, Rates]]:
    give_up = time.monotonic() + SECONDS
    rounds = [(_rates(ours), _rates(other))]
    while len(rounds) < ROUNDS and time.monotonic() < give_up:
        rounds.append((_rates(ours), _rates(other)))
    return rounds


@contextmanager
def _gala(house: House) -> Iterator[Side]:
    engine = create_engine(house.services.database_url)
    earlier = 0

    def forget() -> None:
        nonlocal earlier
        earlier = _done(engine)

    yield Side(
        submit=lambda: house.submit(type="test_noop"),
        finished=lambda: _done(engine) - earlier,
        forget=forget,
        worker=house.worker,
    )
    engine.dispose()


def _done(engine: Engine) -> int:
    with engine.begin() as connection:
        statement = text("SELECT count(*) FROM jobs WHERE status = :status")
        done: int = connection.execute(statement, {"status": JobStatus.DONE}).scalar_one()
        return done


def _bare_rq(house: House) -> Side:
    queue = rq_side.BareQueue(house.spare_redis_url)
    return Side(
        submit=queue.submit,
        finished=queue.finished,
        forget=queue.forget,
        worker=lambda: running(rq_side.worker(house.spare_redis_url)),
    )


def _rates(side: Side) -> Rates:
    submission = _submission(side)
    with side.worker():
        draining = _draining(side)
        whole = _whole_way(side)
    return Rates(whole, submission, draining)


def _submission(side: Side) -> float:
    side.forget()
    started = time.perf_counter()
    _submit_all(side)
    return JOBS / (time.perf_counter() - started)


def _draining(side: Side) -> float:
    wait_until(lambda: side.finished() > 0)
    first, started = side.finished(), time.perf_counter()
    wait_until(lambda: side.finished() == JOBS)
    return (JOBS - first) / (time.perf_counter() - started)


def _whole_way(side: Side) -> float:
    side.forget()
    started = time.perf_counter()
    _submit_all(side)
    wait_until(lambda: side.finished() == JOBS)
    return JOBS / (time.perf_counter() - started)


def _submit_all(side: Side) -> None:
    for _ in range(JOBS):
        side.submit()
