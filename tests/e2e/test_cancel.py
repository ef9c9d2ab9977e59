"""Cancelled means: one final state, no asset, and its processes are gone within ten seconds."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gala.job import JobStatus
from tests.e2e.conftest import Platform
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

SETTLED = (JobStatus.DONE, JobStatus.CANCELLED)


def cancel(base_url: str, job: str, client: httpx.Client | None = None) -> httpx.Response:
    post = client.post if client else httpx.post
    return post(f"{base_url}/jobs/{job}/cancel", timeout=10)


def test_a_queued_job_is_cancelled_at_once(api_only: Stack) -> None:
    job = api_only.client.submit(params={"text": "never seen"}).id
    for _ in range(2):
        answer = cancel(api_only.base_url, job)
        assert (answer.status_code, answer.json()["job"]["status"]) == (200, "CANCELLED")
    assert api_only.client.job(job).status == JobStatus.CANCELLED


def test_a_running_job_stops_for_real_and_leaves_nothing(platform: Platform) -> None:
    job = platform.film(300)
    platform.until_filming(job)
    ffmpegs = platform.ffmpegs(job)
    asked = time.monotonic()

    first, second = (cancel(platform.stack.base_url, job) for _ in range(2))

    assert first.status_code == 202
    assert first.json()["job"]["cancel_requested"] is True
    assert second.status_code in {200, 202}  # 200: it was CANCELLED by then
    platform.until(job, JobStatus.CANCELLED, within=10)
    assert not any(ffmpeg.is_running() for ffmpeg in ffmpegs)
    assert time.monotonic() - asked < 10
    folder = platform.data_root / "jobs" / job
    wait_until(lambda: not folder.exists(), 5, what="the files' end")
    assert platform.stored(job) == []
    assert platform.value("SELECT count(*) FROM assets WHERE job_id = :id", id=job) == 0
    assert platform.outcomes(job) == ["CANCELLED"]


def test_an_ended_job_cannot_be_cancelled(platform: Platform) -> None:
    job = platform.submit("test_noop")
    platform.until(job, JobStatus.DONE)
    answer = cancel(platform.stack.base_url, job)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "INVALID_JOB_STATE"


def test_a_cancelled_job_whose_worker_died_is_cancelled_by_the_sweeper(platform: Platform) -> None:
    job = platform.film(300)
    platform.until_filming(job)
    holder = platform.holder(job)
    platform.stack.pause(holder)
    assert cancel(platform.stack.base_url, job).status_code == 202
    platform.stack.kill(holder)
    platform.until(job, JobStatus.CANCELLED, within=15)
    wait_until(lambda: not platform.ffmpegs(job), 10, what="FFmpeg's end")


def test_cancel_and_completion_race_to_one_final_state(platform: Platform) -> None:
    # 60 times with everything real; 200 times in tests/integration/worker/test_leases.py.
    chance = random.Random(7)

    def race(_: int) -> tuple[str, int]:
        job = platform.submit("test_noop")
        time.sleep(chance.uniform(0, 0.15))  # not a wait: where in the job's life the cancel falls
        return job, cancel(platform.stack.base_url, job, client).status_code

    # A connection that is open already: making one may take longer than a job.
    with httpx.Client(trust_env=False) as client, ThreadPoolExecutor(4) as pool:
        raced = list(pool.map(race, range(60)))

    for job, answered in raced:
        final = platform.until(job, *SETTLED)
        assets = platform.value("SELECT count(*) FROM assets WHERE job_id = :id", id=job)
        assert assets == (1 if final is JobStatus.DONE else 0)
        # A cancel that was accepted is kept; only one that came too late was refused.
        assert final is (JobStatus.DONE if answered == 409 else JobStatus.CANCELLED)
        assert platform.outcomes(job) in ([], ["DONE"], ["CANCELLED"])
    assert len({platform.status(job) for job, _ in raced}) == 2, "the race was one-sided"
