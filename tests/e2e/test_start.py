"""What a process says when it cannot start, and what it does without Redis."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gala.job import JobStatus, Lane
from gala.supervisor import free_port
from tests.e2e.conftest import Platform
from tests.platform.servers import ValkeyServer

pytestmark = pytest.mark.slow


def outcome(module: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """How the process ends that is started with these variables."""
    settings = {
        "DATABASE_URL": f"postgresql://gala:secret@127.0.0.1:{free_port()}/gala",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "DATA_ROOT": str(tmp_path / "data"),
        "STORAGE_LOCAL_ROOT": str(tmp_path / "storage"),
        "API_PORT": str(free_port()),
        **env,
    }
    return subprocess.run(
        [sys.executable, "-m", module],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=40,
        check=False,
    )


@pytest.mark.parametrize("module", ["gala_api", "gala_worker"])
def test_a_postgres_that_does_not_answer_ends_the_start_with_its_variable(
    module: str, tmp_path: Path
) -> None:
    ended = outcome(module, tmp_path)
    assert ended.returncode == 1
    assert "Postgres does not answer (DATABASE_URL)" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert "secret" not in ended.stdout


@pytest.mark.parametrize(
    ("module", "env", "named"),
    [
        ("gala_api", {"DATABASE_URL": ""}, "DATABASE_URL"),
        ("gala_api", {"REDIS_URL": "http://nonsense"}, "REDIS_URL"),
        ("gala_worker", {"LOG_LEVEL": "shout"}, "LOG_LEVEL"),
    ],
)
def test_settings_that_are_missing_or_wrong_are_named(
    module: str, tmp_path: Path, env: dict[str, str], named: str
) -> None:
    ended = outcome(module, tmp_path, **env)
    assert ended.returncode == 2
    assert named in ended.stdout
    assert "Traceback" not in ended.stdout


@pytest.mark.parametrize("module", ["gala_api", "gala_worker"])
def test_staging_inside_storage_is_refused(module: str, tmp_path: Path) -> None:
    ended = outcome(module, tmp_path, DATA_ROOT=str(tmp_path / "storage" / "staging"))
    assert ended.returncode == 2
    assert "must not overlap" in ended.stdout


def test_without_redis_all_starts_jobs_wait_and_go_on_when_it_comes(
    own_valkey: ValkeyServer, own_platform: Callable[..., Platform]
) -> None:
    own_valkey.stop()
    gala = own_platform(redis_url=own_valkey.url(), slots={Lane.BATCH: 1})
    job = gala.submit("test_noop")
    assert gala.status(job) is JobStatus.QUEUED
    assert "Redis does not answer" in gala.stack.log("worker-batch-1")

    own_valkey.start()

    gala.until(job, JobStatus.DONE)
    gala.assert_whole(job)
