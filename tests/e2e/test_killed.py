"""Kills, cut connections, a flushed Redis: each accepted job ends with one set of assets."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gala.job import JobStatus, Lane
from tests.e2e.conftest import Platform
from tests.platform.servers import PostgresServer, Server
from tests.support.processes import command_of
from tests.support.program_killer import killing_first
from tests.support.samples import sample
from tests.support.wait import wait_until

pytestmark = pytest.mark.slow

Start = Callable[..., Platform]
TAKEN_UP_WITHIN = (
    3 + 0.5 + 4
)  # lease and sweep interval of these tests, and a margin for two busy cores


@contextmanager
def holding_completions(gala: Platform) -> Iterator[None]:
    """Lock the assets table: uploads succeed, completions wait."""
    with suppress(OperationalError), gala.engine.connect() as holder:
        holder.execute(text("LOCK TABLE assets IN SHARE MODE"))
        yield


def took_up(killable_stack: Platform, job_id: str) -> bool:
    return killable_stack.value("SELECT attempt FROM jobs WHERE id = :id", id=job_id) > 1


@pytest.mark.parametrize("kill", ["kill", pytest.param("kill_tree", marks=pytest.mark.exhaustive)])
def test_a_job_outlives_the_worker_that_had_it(killable_stack: Platform, kill: str) -> None:
    job = killable_stack.film(2)
    killable_stack.until_filming(job)
    first = killable_stack.ffmpegs(job)

    getattr(killable_stack.stack, kill)(killable_stack.holder(job))

    wait_until(lambda: not any(ffmpeg.is_running() for ffmpeg in first), 5, what="FFmpeg's end")
    wait_until(lambda: took_up(killable_stack, job), TAKEN_UP_WITHIN, what="the second attempt")
    killable_stack.until(job, JobStatus.DONE)
    assert killable_stack.outcomes(job) == ["CRASHED", "DONE"]
    killable_stack.assert_whole(job)


def test_a_presenter_outlives_the_worker_that_had_it(killable_stack: Platform) -> None:
    spoken = {"text": "Uno, dos, tres.", "language": "es", "engine": "espeak", "captions": None}
    job = killable_stack.submit("presenter", **spoken, quality="draft")
    wait_until(lambda: drawing(killable_stack, job), 20, what="the drawing of frames")
    first = drawing(killable_stack, job) + killable_stack.ffmpegs(job)

    killable_stack.stack.kill(killable_stack.holder(job))

    wait_until(lambda: not any(one.is_running() for one in first), 5, what="the programs' end")
    killable_stack.until(job, JobStatus.DONE)
    assert killable_stack.outcomes(job) == ["CRASHED", "DONE"]
    recorded = killable_stack.rows("SELECT object_key FROM assets WHERE job_id = :id", id=job)
    videos = [key for (key,) in recorded if key.endswith(".mp4")]
    assert len(videos) == 1
    folder = killable_stack.storage_root
    stored = [path.relative_to(folder).as_posix() for path in folder.glob(f"renders/{job}/*")]
    assert sorted(stored) == sorted(key for (key,) in recorded)
    folder = killable_stack.data_root / "jobs" / job
    wait_until(lambda: not folder.exists(), 15, what="the cleanup")


def drawing(killable_stack: Platform, job_id: str) -> list[psutil.Process]:
    """Return the programs that draw a job's frames."""
    renderer = psutil.Process(killable_stack.stack.process("renderer").pid)
    programs = {one: command_of(one) for one in renderer.children(recursive=True)}
    return [one for one, line in programs.items() if "frame_program" in line and job_id in line]


def test_a_renderer_killed_in_mid_render_costs_one_attempt(killable_stack: Platform) -> None:
    job = killable_stack.film(2)
    killable_stack.until_filming(job)
    first = killable_stack.ffmpegs(job)

    killable_stack.stack.kill("renderer")

    wait_until(lambda: not any(ffmpeg.is_running() for ffmpeg in first), 5, what="FFmpeg's end")
    wait_until(
        lambda: killable_stack.outcomes(job)[0] == "FAILED", 10, what="the first attempt's end"
    )
    killable_stack.stack.start("renderer")
    killable_stack.until(job, JobStatus.DONE)
    assert killable_stack.outcomes(job) == ["FAILED", "DONE"]
    error = killable_stack.value(
        "SELECT error->>'code' FROM job_attempts WHERE job_id = :id AND number = 1", id=job
    )
    assert error == "RENDERER_LOST"
    killable_stack.assert_whole(job)


@pytest.mark.parametrize(
    ("type_name", "params", "program"),
    [
        ("test_film", {"seconds": 1}, "ffmpeg"),
        # tests/integration/engine/test_killed_programs.py kills each program, without a platform.
        pytest.param(
            *("tts", {"text": "One.", "engine": "espeak"}, "espeak/program.py"),
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            *("trim", {"start": 0.5, "end": 1.5}, "probe/program.py"),
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_program_killed_from_outside_costs_one_attempt(
    killable_stack: Platform, tmp_path: Path, type_name: str, params: dict[str, Any], program: str
) -> None:
    client = killable_stack.stack.client
    inputs = {"media_asset_id": client.upload(sample("video", tmp_path)).id}
    renderer = psutil.Process(killable_stack.stack.process("renderer").pid)
    with killing_first(renderer, program) as killed:
        job = client.submit(
            type=type_name, params=params, inputs=inputs if type_name == "trim" else None
        ).id
        killable_stack.until(job, JobStatus.DONE)
    assert killed
    assert killable_stack.outcomes(job) == ["FAILED", "DONE"]
    error = killable_stack.value(
        "SELECT error FROM job_attempts WHERE job_id = :id AND number = 1", id=job
    )
    assert (error["code"], error["retryable"]) == ("RENDERER_LOST", True)
    assert "killed from outside (SIGKILL)" in error["message"]


def test_a_renderer_that_restarts_before_the_work_began_costs_nothing(
    killable_stack: Platform,
) -> None:
    killable_stack.stack.kill("renderer")
    job = killable_stack.submit("test_noop")
    killable_stack.until(job, JobStatus.RUNNING)
    killable_stack.stack.start("renderer")
    killable_stack.until(job, JobStatus.DONE)
    assert killable_stack.outcomes(job) == ["DONE"]


def test_redis_may_be_flushed_stopped_and_started_with_jobs_queued_and_running(
    own_valkey: Server, own_platform: Start
) -> None:
    gala = own_platform(redis_url=own_valkey.url(), slots={Lane.BATCH: 2}, RENDERER_SLOTS="2")
    running = [gala.film(8) for _ in range(2)]
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
        own_postgres.process.wait_ended(20)
    own_postgres.start()
    gala.until(job, JobStatus.DONE)
    assert gala.outcomes(job) == ["DONE"]
    gala.assert_whole(job)
    assert gala.submit("test_noop")


def test_connections_cut_at_completion_lose_nothing(killable_stack: Platform) -> None:
    job = killable_stack.film(1)
    killable_stack.until_filming(job)
    with holding_completions(killable_stack):
        wait_until(lambda: killable_stack.stored(job), 15, what="the upload")
        killable_stack.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'gala-worker' AND datname = current_database()"
        )
    killable_stack.until(job, JobStatus.DONE)
    killable_stack.assert_whole(job)


def test_a_crash_between_upload_and_commit_neither_renders_nor_uploads_again(
    killable_stack: Platform,
) -> None:
    job = killable_stack.film(1)
    killable_stack.until_filming(job)
    holder = killable_stack.holder(job)
    with holding_completions(killable_stack):
        (uploaded,) = wait_until(lambda: killable_stack.stored(job), 15, what="the upload")
        born = uploaded.stat()
        killable_stack.stack.kill(holder)
    killable_stack.until(job, JobStatus.DONE)
    assert killable_stack.outcomes(job) == ["CRASHED", "DONE"]
    killable_stack.assert_whole(job)
    assert (uploaded.stat().st_ino, uploaded.stat().st_mtime_ns) == (born.st_ino, born.st_mtime_ns)
    logs = [log.msg for log in killable_stack.stack.client.job(job).logs]
    assert "using the finished render of an earlier attempt" in logs


def test_a_crash_between_commit_and_cleanup_leaves_no_files_for_long(
    killable_stack: Platform,
) -> None:
    ballast = killable_stack.data_root / "ballast"
    ballast.mkdir()
    for number in range(20_000):  # enough to observe the removal
        (ballast / str(number)).touch()
    job = killable_stack.film(3)
    killable_stack.until_filming(job)
    holder, folder = killable_stack.holder(job), killable_stack.data_root / "jobs" / job
    ballast.rename(folder / "1" / "in" / "ballast")
    while killable_stack.status(job) != JobStatus.DONE:
        time.sleep(0.001)
    killable_stack.stack.kill(holder)
    assert folder.exists()

    killable_stack.stack.start(holder)

    wait_until(lambda: not folder.exists(), 15, what="the cleanup")
    assert "cleanup ok path=" in killable_stack.stack.log(holder)
    killable_stack.assert_whole(job)


def test_a_worker_paused_past_its_lease_records_nothing_when_it_wakes(
    killable_stack: Platform,
) -> None:
    job = killable_stack.film(2)
    killable_stack.until_filming(job)
    holder, refused = killable_stack.holder(job), refused_writes(killable_stack)
    killable_stack.stack.pause(holder)
    killable_stack.until(job, JobStatus.DONE)
    made = killable_stack.rows("SELECT id FROM assets WHERE job_id = :id", id=job)

    killable_stack.stack.resume(holder)

    wait_until(lambda: refused_writes(killable_stack) > refused, 15, what="the refusal")
    skipped = "cleanup skipped reason=lease lost"
    wait_until(lambda: skipped in killable_stack.stack.log(holder), 15, what="its end is logged")
    assert killable_stack.outcomes(job) == ["CRASHED", "DONE"]
    assert killable_stack.rows("SELECT id FROM assets WHERE job_id = :id", id=job) == made
    killable_stack.assert_whole(job)


def refused_writes(killable_stack: Platform) -> int:
    found = killable_stack.rows("SELECT value FROM counters WHERE name = 'stale_writes_rejected'")
    return found[0][0] if found else 0


def test_a_job_that_kills_its_workers_ends_as_poison(killable_stack: Platform) -> None:
    job = killable_stack.film(60)
    for crashes in (1, 2):
        killable_stack.until_filming(job)
        killable_stack.stack.kill(killable_stack.holder(job))
        wait_until(
            lambda crashes=crashes: killable_stack.outcomes(job).count("CRASHED") == crashes,
            15,
            what=f"crash {crashes} being noticed",
        )
        killable_stack.start_what_is_down()
    killable_stack.until(job, JobStatus.FAILED)
    assert killable_stack.outcomes(job) == ["CRASHED", "CRASHED"]
    error = killable_stack.stack.client.job(job).error
    assert error is not None
    assert error.code == "WORKER_LOST"


def test_a_worker_told_to_stop_finishes_what_it_can(killable_stack: Platform) -> None:
    job = killable_stack.film(1)
    killable_stack.until_filming(job)
    killable_stack.stack.stop(killable_stack.holder(job))
    assert killable_stack.status(job) == JobStatus.DONE
    assert killable_stack.outcomes(job) == ["DONE"]


def test_a_worker_told_to_stop_gives_back_what_takes_too_long(killable_stack: Platform) -> None:
    job = killable_stack.film(300)
    killable_stack.until_filming(job)
    first = killable_stack.ffmpegs(job)
    killable_stack.stack.stop(killable_stack.holder(job))
    assert not any(ffmpeg.is_running() for ffmpeg in first)
    assert killable_stack.outcomes(job)[0] == "RELEASED"
    counts = killable_stack.rows("SELECT failures, crashes FROM jobs WHERE id = :id", id=job)
    assert tuple(counts[0]) == (0, 0)
    killable_stack.stack.client.cancel(job)
    killable_stack.until(job, JobStatus.CANCELLED)


def test_bursts_of_signals_end_a_busy_worker_cleanly(killable_stack: Platform) -> None:
    """``python3 run.py bench reliability bursts`` sends 50 of them."""
    for seconds, outcome in ((1, "DONE"), (300, "RELEASED")):
        killable_stack.start_what_is_down()
        job = killable_stack.film(seconds)
        killable_stack.until_filming(job)
        worker = killable_stack.stack.process(killable_stack.holder(job))
        for _ in range(5):
            worker.send(signal.SIGTERM)
        assert worker.wait_ended(20)
        assert worker.ending() == "exit code 0"
        assert killable_stack.outcomes(job)[0] == outcome
    # The other worker goes on with it.
    wait_until(lambda: took_up(killable_stack, job), 5, what="the second attempt")
    killable_stack.stack.client.cancel(job)
    killable_stack.until(job, JobStatus.CANCELLED)
