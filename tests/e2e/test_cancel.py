"""Cancel: one final state, no asset, and the processes end within ten seconds."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gala.job import JobStatus
from tests.e2e.conftest import Platform
from tests.support import http
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

SETTLED = (JobStatus.DONE, JobStatus.CANCELLED)


def cancel(base_url: str, job: str, client: httpx.Client | None = None) -> httpx.Response:
    post = client.post if client else httpx.post
    return post(f"{base_url}/jobs/{job}/cancel", timeout=10)


def test_a_running_job_stops_for_real_and_leaves_nothing(killable_stack: Platform) -> None:
    job = killable_stack.film(300)
    killable_stack.until_filming(job)
    ffmpegs = killable_stack.ffmpegs(job)
    requested = time.monotonic()

    first, second = (cancel(killable_stack.stack.base_url, job) for _ in range(2))

    assert first.status_code == 202
    assert first.json()["job"]["cancel_requested"] is True
    assert second.status_code in {200, 202}  # 200: the job was already CANCELLED
    killable_stack.until(job, JobStatus.CANCELLED, within=10)
    assert not any(ffmpeg.is_running() for ffmpeg in ffmpegs)
    assert time.monotonic() - requested < 10
    folder = killable_stack.data_root / "jobs" / job
    wait_until(lambda: not folder.exists(), 5, what="the files' end")
    assert killable_stack.stored(job) == []
    assert killable_stack.value("SELECT count(*) FROM assets WHERE job_id = :id", id=job) == 0
    assert killable_stack.outcomes(job) == ["CANCELLED"]


def test_an_ended_job_cannot_be_cancelled(killable_stack: Platform) -> None:
    job = killable_stack.submit("test_noop")
    killable_stack.until(job, JobStatus.DONE)
    answer = cancel(killable_stack.stack.base_url, job)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "INVALID_JOB_STATE"


def test_a_cancelled_job_whose_worker_died_is_cancelled_by_the_sweeper(
    killable_stack: Platform,
) -> None:
    job = killable_stack.film(300)
    killable_stack.until_filming(job)
    holder = killable_stack.holder(job)
    killable_stack.stack.pause(holder)
    assert cancel(killable_stack.stack.base_url, job).status_code == 202
    killable_stack.stack.kill(holder)
    killable_stack.until(job, JobStatus.CANCELLED, within=15)
    wait_until(lambda: not killable_stack.ffmpegs(job), 10, what="FFmpeg's end")


def test_cancel_and_completion_race_to_one_final_state(killable_stack: Platform) -> None:
    # 60 times with real processes; 200 times in tests/integration/worker/test_leases.py.
    chance = random.Random(7)
    started = time.monotonic()
    killable_stack.until(killable_stack.submit("test_noop"), JobStatus.DONE)
    longest = 2 * (time.monotonic() - started)

    def race(_: int) -> tuple[str, int]:
        job = killable_stack.submit("test_noop")
        time.sleep(chance.uniform(0, longest))  # not a wait: when to cancel
        return job, cancel(killable_stack.stack.base_url, job, client).status_code

    # A connection that is already open, because opening one may take longer than a job.
    with http.Client(trust_env=False) as client, ThreadPoolExecutor(4) as pool:
        raced = list(pool.map(race, range(60)))

    for job, answered in raced:
        final = killable_stack.until(job, *SETTLED)
        assets = killable_stack.value("SELECT count(*) FROM assets WHERE job_id = :id", id=job)
        assert assets == (1 if final is JobStatus.DONE else 0)
        # An accepted cancel is effective; only one that came too late was rejected.
        assert final is (JobStatus.DONE if answered == 409 else JobStatus.CANCELLED)
        assert killable_stack.outcomes(job) in ([], ["DONE"], ["CANCELLED"])
    assert len({killable_stack.status(job) for job, _ in raced}) == 2, "the race was one-sided"
