"""Time to claim the next job, depending on the number of queued jobs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, insert

from bench.platform.report import Figure, Section, seconds
from bench.platform.setup import Bench
from gala import ids
from gala.db.engine import Sessions, make_engine, make_sessions, transaction
from gala.db.tables import Job
from gala.job import JobPhase, JobStatus, Lane
from gala.job_queue import lease as leases

CROWDS = ((30, 1), (30_000, 1), (30_000, 50), (30_000, 1000))
"""Numbers of queued jobs and of their owners."""
CLAIMS = 30

_METHOD = (
    f"Jobs wait and one worker claims: medians of {CLAIMS} claims one after the other, each with"
    " its commit."
)
# No worker serves this lane during the measurement.
_LANE = Lane.INTERACTIVE


def measure(bench: Bench) -> Section:
    """Measure claims with several numbers of queued jobs."""
    engine = make_engine(bench.services.database_url, name="bench")
    figures = [_figure(make_sessions(engine), jobs, owners) for jobs, owners in CROWDS]
    engine.dispose()
    return Section(title="Finding the next job", method=_METHOD, figures=figures)


def _figure(sessions: Sessions, jobs: int, owners: int) -> Figure:
    with _waiting(sessions, jobs, owners):
        took = [seconds(lambda: _claim(sessions)) for _ in range(CLAIMS)]
    what = f"{jobs:,} waiting of {owners:,} {'owner' if owners == 1 else 'owners'}"
    return Figure(what=what, unit="ms", ours=statistics.median(took) * 1000)


@contextmanager
def _waiting(sessions: Sessions, jobs: int, owners: int) -> Iterator[None]:
    job_ids = [ids.new_id(ids.Prefix.JOB) for _ in range(jobs)]
    rows = [_row(job_id, f"owner-{number % owners}") for number, job_id in enumerate(job_ids)]
    with transaction(sessions) as session:
        session.execute(insert(Job), rows)
    yield
    with transaction(sessions) as session:
        session.execute(delete(Job).where(Job.lane == _LANE))


def _row(job_id: str, owner: str) -> dict[str, object]:
    return {
        "id": job_id,
        "owner_id": owner,
        "type": "test_noop",
        "template_id": ids.builtin_template_id("hello_render"),
        "model_ids": [],
        "inputs": {},
        "params": {},
        "lane": _LANE,
        "status": JobStatus.QUEUED,
        "phase": JobPhase.WAITING,
    }


def _claim(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        taken = leases.claim(session, lane=_LANE, worker="bench", lease=timedelta(hours=1))
    if taken is None:
        raise RuntimeError("no job was queued")
