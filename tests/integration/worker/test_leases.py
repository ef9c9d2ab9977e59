"""Claims, leases and fencing tokens under crashes and pauses: one result per job."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gala import ids
from gala.db import stored_objects
from gala.db.engine import Sessions, transaction
from gala.db.tables import Asset, Job, JobAttempt, JobOutput
from gala.errors import ErrorCode
from gala.job import ALLOWED_MOVES, ENDED, JobFailure, JobPhase, JobStatus, Lane
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.job_queue.lease import CancelRequested, Lease, LeaseLost
from tests.integration.worker.conftest import queued
from tests.support.wait import wait_until

LEASE = timedelta(seconds=0.4)
JOBS, WORKERS = 300, 12
FAILURE = JobFailure(code=ErrorCode.RENDER_FAILED, message="no", retryable=True)


def claim(sessions: Sessions, lease: timedelta = LEASE) -> Lease | None:
    with transaction(sessions) as session:
        claimed = leases.claim(session, lane=Lane.BATCH, worker="w", lease=lease)
    return claimed and claimed[1]


def finish(sessions: Sessions, lease: Lease) -> None:
    asset = Asset(
        id=ids.new_id(ids.Prefix.ASSET),
        owner_id=ids.LOCAL_OWNER,
        kind="other",
        provider="memory",
        object_key=f"renders/{lease.job_id}/video",
        mime="video/mp4",
        size_bytes=1,
        sha256="0" * 64,
        job_id=lease.job_id,
    )
    with transaction(sessions) as session:
        stored_objects.reserve(
            session, "memory", asset.object_key, asset.object_key, job_id=lease.job_id
        )
        leases.finish(session, lease, [("video", asset)])
        stored_objects.commit(session, "memory", asset.object_key)


class Chaos:
    """Workers; a quarter of the attempts crash after the claim, a quarter outlast the lease."""

    def __init__(self, sessions: Sessions):
        self.sessions = sessions
        self.seen: Counter[str] = Counter()
        self.over = threading.Event()

    def work(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self.over.is_set():
            lease = claim(self.sessions)
            if lease is None:
                self.over.wait(0.02)
            else:
                self.suffer(lease, chance)

    def suffer(self, lease: Lease, chance: random.Random) -> None:
        fate = chance.random()
        if fate < 0.25:
            self.seen["crashed"] += 1  # no further action
            return
        if fate < 0.5:
            self.over.wait(LEASE.total_seconds() * chance.uniform(0.9, 2))
        try:
            finish(self.sessions, lease)
            self.seen["done"] += 1
        except LeaseLost:
            self.seen["refused"] += 1

    def sweep(self) -> None:
        while not self.over.wait(0.05):
            with transaction(self.sessions) as session:
                jobs.expire_leases(session, max_crashes=1000)


def test_300_jobs_survive_12_workers_of_which_half_crash_or_sleep(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        for _ in range(JOBS):
            queued(session)
    chaos = Chaos(sessions)
    seen, all_done = chaos.seen, chaos.over
    threads = [threading.Thread(target=chaos.work, args=(seed,)) for seed in range(WORKERS)]
    threads.append(threading.Thread(target=chaos.sweep))
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: unfinished(sessions) == 0, 60, what="the end of all jobs")
    finally:
        all_done.set()
        for thread in threads:
            thread.join()

    assert seen["done"] == JOBS
    assert seen["crashed"] > JOBS / 10
    assert seen["refused"] > JOBS / 10
    with transaction(sessions) as session:
        effects = session.scalars(select(Asset.job_id)).all()
        outputs = session.scalars(select(JobOutput.job_id)).all()
        outcomes = Counter(session.scalars(select(JobAttempt.outcome)))
    assert len(effects) == len(set(effects)) == len(set(outputs)) == JOBS
    assert outcomes["DONE"] == JOBS
    assert outcomes["CRASHED"] == seen["crashed"] + seen["refused"]


def unfinished(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        return len(session.scalars(select(Job.id).where(Job.status != JobStatus.DONE)).all())


@pytest.mark.parametrize("times", [50, pytest.param(1000, marks=pytest.mark.exhaustive)])
def test_cancel_and_finish_race_many_times_to_one_truth(sessions: Sessions, times: int) -> None:
    for _ in range(times):
        with transaction(sessions) as session:
            job_id = queued(session).id
        lease = claim(sessions, timedelta(seconds=30))
        assert lease is not None
        start = threading.Barrier(2)
        replies: list[object] = []

        def complete(lease: Lease = lease, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                finish(sessions, lease)
            except CancelRequested:
                with transaction(sessions) as session:
                    leases.cancel(session, lease)

        def ask(job_id: str = job_id, start: threading.Barrier = start) -> None:
            start.wait()
            with transaction(sessions) as session:
                try:
                    replies.append(jobs.request_cancel(session, job_id, ids.LOCAL_OWNER).status)  # noqa: B023
                except jobs.InvalidJobState:
                    replies.append("too late")  # noqa: B023

        pair = [threading.Thread(target=complete), threading.Thread(target=ask)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        with transaction(sessions) as session:
            status = session.scalars(select(Job.status).where(Job.id == job_id)).one()
            made = session.scalars(select(Asset).where(Asset.job_id == job_id)).all()
        assert status in {JobStatus.DONE, JobStatus.CANCELLED}
        assert len(made) == (status == JobStatus.DONE)
        assert (replies == ["too late"]) == (status == JobStatus.DONE)


def test_two_claims_never_get_the_same_job(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        for _ in range(40):
            queued(session)
    got: list[str] = []

    def take() -> None:
        while (lease := claim(sessions)) is not None:
            got.append(lease.job_id)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 40


def test_claims_prefer_priority_then_idle_owners_then_age(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        greedy = [queued(session, owner_id="greedy").id for _ in range(3)]
        modest = queued(session, owner_id="modest").id
        urgent = queued(session, owner_id="greedy", priority=5).id
    order = [lease.job_id for lease in iter(lambda: claim(sessions), None)]
    assert order == [urgent, modest, *greedy]


def test_a_lost_lease_can_neither_renew_nor_fail_nor_cancel_nor_release(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        queued(session)
    old = claim(sessions, timedelta(seconds=0.01))
    assert old is not None
    wait_until(lambda: expire(sessions), 5, what="the lease's end")
    new = claim(sessions, timedelta(seconds=30))
    assert new is not None
    assert new.token > old.token
    for write in (
        lambda s: leases.renew(s, old, seconds=5, phase=JobPhase.RENDERING, progress=0.5),
        lambda s: leases.fail(s, old, FAILURE, max_failures=3, backoff=timedelta(0)),
        lambda s: leases.cancel(s, old),
        lambda s: leases.release(s, old),
    ):
        with pytest.raises(LeaseLost), transaction(sessions) as session:
            write(session)
    with pytest.raises(LeaseLost):
        finish(sessions, old)
    finish(sessions, new)


def expire(sessions: Sessions) -> list[str]:
    with transaction(sessions) as session:
        return jobs.expire_leases(session, max_crashes=3)


def test_retryable_failures_come_back_later_and_end_at_the_limit(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        job_id = queued(session).id
    for expected in (JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.FAILED):
        lease = wait_until(lambda: claim(sessions), 5, what="the back-off's end")
        with transaction(sessions) as session:
            backoff = timedelta(milliseconds=20)
            assert leases.fail(session, lease, FAILURE, max_failures=3, backoff=backoff) is expected
    with transaction(sessions) as session:
        errors = session.scalars(select(JobAttempt.error).where(JobAttempt.job_id == job_id)).all()
    assert [error and error["message"] for error in errors] == ["no", "no", "no"]


def test_a_failure_that_cannot_be_mended_ends_the_job_at_once(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        queued(session)
    lease = claim(sessions)
    assert lease is not None
    final = FAILURE.model_copy(update={"retryable": False})
    with transaction(sessions) as session:
        status = leases.fail(session, lease, final, max_failures=3, backoff=timedelta(0))
    assert status is JobStatus.FAILED


def test_the_database_allows_exactly_the_moves_of_the_vocabulary(sessions: Sessions) -> None:
    for old, new in product(JobStatus, JobStatus):
        _assert_moves_as_allowed(sessions, old, new)


def _assert_moves_as_allowed(sessions: Sessions, old: JobStatus, new: JobStatus) -> None:
    path = {
        JobStatus.QUEUED: [],
        JobStatus.RUNNING: [JobStatus.RUNNING],
        JobStatus.DONE: [JobStatus.RUNNING, JobStatus.DONE],
        JobStatus.FAILED: [JobStatus.RUNNING, JobStatus.FAILED],
        JobStatus.CANCELLED: [JobStatus.CANCELLED],
    }
    with transaction(sessions) as session:
        job_id = queued(session).id
        for status in path[old]:
            move(session, job_id, status)
    allowed = new is old or new in ALLOWED_MOVES[old]
    refusal = nullcontext() if allowed else pytest.raises(IntegrityError, match="cannot move")
    with refusal, transaction(sessions) as session:
        move(session, job_id, new)


def move(session: Session, job_id: str, status: JobStatus) -> None:
    session.execute(
        text("""
            UPDATE jobs SET status = :status,
                lease_until = CASE WHEN :status = 'RUNNING' THEN now() END,
                finished_at = CASE WHEN :ended THEN now() END,
                progress = CASE WHEN :status = 'DONE' THEN 1 ELSE progress END,
                error = CASE WHEN :status = 'FAILED' THEN '{}'::jsonb END
            WHERE id = :id
        """),
        {"status": str(status), "ended": status in ENDED, "id": job_id},
    )


def test_events_are_numbered_without_gaps_whoever_writes_them(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        job_id = queued(session).id
    lease = claim(sessions, timedelta(seconds=30))
    assert lease is not None

    def beat() -> None:
        for number in range(20):
            with transaction(sessions) as session:
                news = [leases.events.log_event(str(number), attempt=1)]
                leases.renew(
                    session,
                    lease,
                    seconds=30,
                    phase=JobPhase.RENDERING,
                    progress=0,
                    new_events=news,
                )

    threads = [threading.Thread(target=beat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(sessions) as session:
        numbers = session.scalars(
            text("SELECT seq FROM job_events WHERE job_id = :id ORDER BY seq"), {"id": job_id}
        ).all()
    assert list(numbers) == list(range(1, 2 + 80 + 1))


def test_an_expired_lease_is_noticed_by_the_databases_clock(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        queued(session)
    began = time.monotonic()
    claim(sessions, timedelta(seconds=0.3))
    assert expire(sessions) == []
    wait_until(lambda: expire(sessions), 5, what="the lease's end")
    assert time.monotonic() - began >= 0.3


def test_a_job_whose_worker_died_keeps_its_place_in_its_owners_queue(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first, second = (queued(session).id for _ in range(2))
    crashed = claim(sessions, timedelta(0))
    assert crashed is not None
    assert crashed.job_id == first
    with transaction(sessions) as session:
        assert jobs.expire_leases(session, max_crashes=3) == [first]
    order = [claim(sessions), claim(sessions)]
    assert [lease.job_id for lease in order if lease] == [first, second]


def test_a_job_that_a_stopping_worker_returns_keeps_its_place(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first, second = (queued(session).id for _ in range(2))
    returned = claim(sessions)
    assert returned is not None
    with transaction(sessions) as session:
        leases.release(session, returned)
    order = [claim(sessions), claim(sessions)]
    assert [lease.job_id for lease in order if lease] == [first, second]


def test_a_job_keeps_its_place_after_the_first_loss_of_the_renderer(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        first, second = (queued(session).id for _ in range(2))
    lost = JobFailure(code=ErrorCode.RENDERER_LOST, message="It was killed.", retryable=True)
    claimed = []
    for _ in range(2):
        lease = claim(sessions)
        assert lease is not None
        claimed.append(lease.job_id)
        with transaction(sessions) as session:
            leases.fail(session, lease, lost, max_failures=3, backoff=timedelta(seconds=60))
    lease = claim(sessions)
    assert lease is not None
    # The second loss means to wait.
    assert [*claimed, lease.job_id] == [first, first, second]
