"""Attempts stop in time and their reports are written, also if the database does not respond."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import Sessions, make_sessions, transaction
from gala.db.tables import Job, JobEvent
from gala.errors import DeadlineExceeded, ErrorCode
from gala.job import JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.job_queue.lease import Lease, LeaseLost
from gala_worker.heartbeat import Heartbeat, ShuttingDown
from tests.integration.worker.conftest import queued
from tests.support.wait import wait_until


@pytest.fixture
def lease(sessions: Sessions) -> Lease:
    """The lease of a running job."""
    with transaction(sessions) as session:
        queued(session)
    with transaction(sessions) as session:
        claimed = leases.claim(session, lane=Lane.BATCH, worker="w", lease=timedelta(seconds=30))
    assert claimed is not None
    return claimed[1]


def heartbeat(sessions: Sessions, lease: Lease, *, lasts: float, deadline: float = 60) -> Heartbeat:
    return Heartbeat(sessions, lease, lease_seconds=lasts, interval=0.02, deadline_seconds=deadline)


def stopped_by(running: Heartbeat) -> object:
    try:
        running.check()
    except Exception as reason:  # noqa: BLE001
        return type(reason)
    return None


@pytest.mark.parametrize("reason", [LeaseLost, DeadlineExceeded, ShuttingDown])
def test_work_stops_in_time_though_the_database_does_not_answer(
    sessions: Sessions, lease: Lease, reason: type[Exception]
) -> None:
    soon, late = 0.3, 60
    with transaction(sessions) as stuck:
        # The lock on the row blocks every heartbeat.
        stuck.execute(text("SELECT 1 FROM jobs FOR UPDATE"))
        running = heartbeat(
            sessions,
            lease,
            lasts=soon if reason is LeaseLost else late,
            deadline=soon if reason is DeadlineExceeded else late,
        )
        with running:
            if reason is ShuttingDown:
                running.shut_down_within(soon)
            try:
                wait_until(lambda: stopped_by(running) is reason, 5, what="the reason to stop")
            finally:
                stuck.commit()


def test_what_was_told_before_the_end_is_on_record_in_order(
    sessions: Sessions, lease: Lease
) -> None:
    under_way, go_on = threading.Event(), threading.Event()

    def slow() -> Session:
        under_way.set()
        assert go_on.wait(10)
        return sessions()

    running = heartbeat(cast(Sessions, slow), lease, lasts=30)
    running.log("first")
    with running:
        assert under_way.wait(10)
        running.log("second")
        ending = threading.Thread(target=finish, args=(sessions, lease, running))
        ending.start()
        ending.join(0.3)
        go_on.set()
        ending.join()
    with transaction(sessions) as session:
        lines = session.scalars(
            select(JobEvent.data).where(JobEvent.kind == "log").order_by(JobEvent.seq)
        ).all()
    assert [line["msg"] for line in lines] == ["first", "second"]


def finish(sessions: Sessions, lease: Lease, running: Heartbeat) -> None:
    with running.pending_report() as report, transaction(sessions) as session:
        leases.finish(session, lease, [], new_events=report.events)


def test_a_character_that_postgres_cannot_keep_costs_no_lease(
    sessions: Sessions, lease: Lease
) -> None:
    running = heartbeat(sessions, lease, lasts=30)
    running.log("a\0b \ud800")
    running.flush()
    failure = JobFailure(code=ErrorCode.RENDER_FAILED, message="c\0d \udfff", hint="\0")
    with transaction(sessions) as session:
        leases.fail(session, lease, failure, max_failures=1, backoff=timedelta(0))
    with transaction(sessions) as session:
        job = session.scalars(select(Job)).one()
    assert job.error is not None
    assert job.error["message"] == "c\ufffdd ?"


def test_a_job_given_back_after_a_cancel_is_cancelled(sessions: Sessions, lease: Lease) -> None:
    with transaction(sessions) as session:
        jobs.request_cancel(session, lease.job_id, ids.LOCAL_OWNER)
    with transaction(sessions) as session:
        leases.release(session, lease)
    with transaction(sessions) as session:
        assert session.scalars(select(Job.status)).one() == JobStatus.CANCELLED


def test_a_heartbeat_that_gets_no_connection_is_only_missed(
    engine: Engine, sessions: Sessions, lease: Lease, caplog: pytest.LogCaptureFixture
) -> None:
    small = create_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    taken = small.connect()

    def progress() -> float:
        with transaction(sessions) as session:
            return session.scalars(select(Job.progress)).one()

    with heartbeat(make_sessions(small), lease, lasts=30) as running:
        wait_until(lambda: "heartbeat missed" in caplog.text, 5, what="a heartbeat is missed")
        running.report(JobPhase.RENDERING, 0.5)
        taken.close()
        wait_until(lambda: progress() == 0.5, 5, what="the next heartbeat")
    small.dispose()
