"""Whatever is killed, cut or flushed: every accepted job ends, with exactly one set of assets."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gala.job import JobStatus, Lane
from tests.e2e.conftest import Platform
from tests.support.servers import PostgresServer, Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

Start = Callable[..., Platform]
TAKEN_UP_WITHIN = 3 + 0.5 + 4  # lease + sweep of these tests, and a margin for two busy cores


@contextmanager
def holding_completions(gala: Platform) -> Iterator[None]:
    """Assets can be read but not recorded: uploads go through, completions wait."""
    with suppress(OperationalError), gala.engine.connect() as holder:
        holder.execute(text("LOCK TABLE assets IN SHARE MODE"))
        yield


def took_up(platform: Platform, job_id: str) -> bool:
    return platform.value("SELECT attempt FROM jobs WHERE id = :id", id=job_id) > 1


@pytest.mark.parametrize("kill", ["kill", "kill_tree"])
def test_a_job_outlives_the_worker_that_had_it(platform: Platform, kill: str) -> None:
    job = platform.film(2)
    platform.until_filming(job)
    first = platform.ffmpegs(job)

    getattr(platform.stack, kill)(platform.holder(job))

    wait_until(lambda: not any(ffmpeg.is_running() for ffmpeg in first), 5, what="FFmpeg's end")
    wait_until(lambda: took_up(platform, job), TAKEN_UP_WITHIN, what="the second attempt")
    platform.until(job, JobStatus.DONE)
    assert platform.outcomes(job) == ["CRASHED", "DONE"]
    platform.assert_whole(job)


def test_a_renderer_killed_in_mid_render_costs_one_attempt(platform: Platform) -> None:
    job = platform.film(2)
    platform.until_filming(job)
    first = platform.ffmpegs(job)

    platform.stack.kill("renderer")

    wait_until(lambda: not any(ffmpeg.is_running() for ffmpeg in first), 5, what="FFmpeg's end")
    wait_until(lambda: platform.outcomes(job)[0] == "FAILED", 10, what="the first attempt's end")
    platform.stack.start("renderer")
    platform.until(job, JobStatus.DONE)
    assert platform.outcomes(job) == ["FAILED", "DONE"]
    error = platform.value("SELECT error->>'code' FROM job_attempts WHERE job_id = :id", id=job)
    assert error == "RENDERER_LOST"
    platform.assert_whole(job)


def test_a_renderer_that_restarts_before_the_work_began_costs_nothing(platform: Platform) -> None:
    platform.stack.kill("renderer")
    job = platform.submit("test_noop")
    platform.until(job, JobStatus.RUNNING)
    platform.stack.start("renderer")
    platform.until(job, JobStatus.DONE)
    assert platform.outcomes(job) == ["DONE"]


def test_redis_may_be_flushed_stopped_and_started_with_jobs_queued_and_running(
    own_valkey: Server, own_platform: Start
) -> None:
    gala = own_platform(redis_url=own_valkey.url(), slots={Lane.BATCH: 5}, RENDERER_SLOTS="5")
    running = [gala.film(8) for _ in range(5)]
    for job in running:
        gala.until_filming(job)
    queued = [gala.submit("test_noop") for _ in range(25)]
    redis.Redis.from_url(own_valkey.url()).flushall()
    queued += [gala.submit("test_noop") for _ in range(15)]
    own_valkey.stop()
    queued += [gala.submit("test_noop") for _ in range(10)]
    assert {gala.status(job) for job in queued} == {JobStatus.QUEUED}

    own_valkey.start()

    for job in [*running, *queued]:
        gala.until(job, JobStatus.DONE, within=40)
        gala.assert_whole(job)


def test_postgres_may_be_cut_off_at_completion_and_restarted(
    own_postgres: PostgresServer, own_platform: Start
) -> None:
    gala = own_platform(
        database_url=own_postgres.url(), slots={Lane.BATCH: 1}, WORKER_LEASE_SECONDS="20"
    )
    job = gala.film(1)
    gala.until_filming(job)
    with holding_completions(gala):
        wait_until(lambda: gala.stored(job), 15, what="the upload")
        own_postgres.process.send(signal.SIGQUIT)
        own_postgres.process.wait_ended(10)
    own_postgres.start()
    gala.until(job, JobStatus.DONE)
    assert gala.outcomes(job) == ["DONE"]
    gala.assert_whole(job)
    assert gala.submit("test_noop")


def test_connections_cut_at_completion_lose_nothing(platform: Platform) -> None:
    job = platform.film(1)
    platform.until_filming(job)
    with holding_completions(platform):
        wait_until(lambda: platform.stored(job), 15, what="the upload")
        platform.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'gala-worker' AND datname = current_database()"
        )
    platform.until(job, JobStatus.DONE)
    platform.assert_whole(job)


def test_a_crash_between_upload_and_commit_neither_renders_nor_uploads_again(
    platform: Platform,
) -> None:
    job = platform.film(1)
    platform.until_filming(job)
    holder = platform.holder(job)
    with holding_completions(platform):
        (uploaded,) = wait_until(lambda: platform.stored(job), 15, what="the upload")
        born = uploaded.stat()
        platform.stack.kill(holder)
    platform.until(job, JobStatus.DONE)
    assert platform.outcomes(job) == ["CRASHED", "DONE"]
    platform.assert_whole(job)
    assert (uploaded.stat().st_ino, uploaded.stat().st_mtime_ns) == (born.st_ino, born.st_mtime_ns)
    logs = [log.msg for log in platform.stack.client.job(job).logs]
    assert "an earlier attempt's finished render is used" in logs


def test_a_crash_between_commit_and_cleanup_leaves_no_files_for_long(platform: Platform) -> None:
    ballast = platform.data_root / "ballast"
    ballast.mkdir()
    for number in range(20_000):  # enough for the removal to be caught in the act
        (ballast / str(number)).touch()
    job = platform.film(3)
    platform.until_filming(job)
    holder, folder = platform.holder(job), platform.data_root / "jobs" / job
    ballast.rename(folder / "1" / "in" / "ballast")
    while platform.status(job) != JobStatus.DONE:
        time.sleep(0.001)
    platform.stack.kill(holder)
    assert folder.exists()

    platform.stack.start(holder)

    wait_until(lambda: not folder.exists(), 15, what="the cleanup")
    assert "cleanup ok path=" in platform.stack.log(holder)
    platform.assert_whole(job)


def test_a_worker_paused_past_its_lease_records_nothing_when_it_wakes(platform: Platform) -> None:
    job = platform.film(2)
    platform.until_filming(job)
    holder, refused = platform.holder(job), refused_writes(platform)
    platform.stack.pause(holder)
    platform.until(job, JobStatus.DONE)
    made = platform.rows("SELECT id FROM assets WHERE job_id = :id", id=job)

    platform.stack.resume(holder)

    wait_until(lambda: refused_writes(platform) > refused, 15, what="the refusal")
    assert "cleanup skipped reason=lease lost" in platform.stack.log(holder)
    assert platform.outcomes(job) == ["CRASHED", "DONE"]
    assert platform.rows("SELECT id FROM assets WHERE job_id = :id", id=job) == made
    platform.assert_whole(job)


def refused_writes(platform: Platform) -> int:
    found = platform.rows("SELECT value FROM counters WHERE name = 'stale_writes_rejected'")
    return found[0][0] if found else 0


def test_a_job_that_kills_its_workers_ends_as_poison(platform: Platform) -> None:
    job = platform.film(60)
    for crashes in (1, 2):
        platform.until_filming(job)
        platform.stack.kill(platform.holder(job))
        wait_until(
            lambda crashes=crashes: platform.outcomes(job).count("CRASHED") == crashes,
            15,
            what=f"crash {crashes} being noticed",
        )
        platform.start_what_is_down()
    platform.until(job, JobStatus.FAILED)
    assert platform.outcomes(job) == ["CRASHED", "CRASHED"]
    error = platform.stack.client.job(job).error
    assert error is not None
    assert error.code == "WORKER_LOST"


def test_a_worker_told_to_stop_finishes_what_it_can(platform: Platform) -> None:
    job = platform.film(1)
    platform.until_filming(job)
    platform.stack.stop(platform.holder(job))
    assert platform.status(job) == JobStatus.DONE
    assert platform.outcomes(job) == ["DONE"]


def test_a_worker_told_to_stop_gives_back_what_takes_too_long(platform: Platform) -> None:
    job = platform.film(300)
    platform.until_filming(job)
    first = platform.ffmpegs(job)
    platform.stack.stop(platform.holder(job))
    assert not any(ffmpeg.is_running() for ffmpeg in first)
    assert platform.outcomes(job)[0] == "RELEASED"
    counts = platform.rows("SELECT failures, crashes FROM jobs WHERE id = :id", id=job)
    assert tuple(counts[0]) == (0, 0)
    platform.stack.client.cancel(job)
    platform.until(job, JobStatus.CANCELLED)
