"""Whole platforms for tests to kill and pause, with render types of adjustable duration."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from gala.job import JobStatus, Lane
from tests.fakes import plugins
from tests.platform.distribution import close_with_group
from tests.platform.stack import SWAGGER, Stack, stack_in
from tests.support.wait import wait_until

QUICK = {
    "WORKER_LEASE_SECONDS": "3",
    "WORKER_SWEEP_SECONDS": "0.5",
    "WORKER_BACKOFF_SECONDS": "0.1",
    "WORKER_CLEANUP_LOCAL": "1",
    "WORKER_MAX_CRASHES": "2",
    "WORKER_SHUTDOWN_SECONDS": "8",
    "PYTHONPATH": os.pathsep.join([str(plugins.FOLDER), os.environ.get("PYTHONPATH", "")]),
}
"""As in production, with shorter times."""


class Platform:
    """A running stack, its database, and queries on both."""

    def __init__(self, stack: Stack):
        self.stack = stack
        self.engine: Engine = create_engine(stack.services.database_url, poolclass=NullPool)
        self.data_root: Path = stack.services.data_root
        self.storage_root: Path = stack.services.storage_root

    def running(self) -> list[str]:
        """Return the names of the running processes."""
        return [name for name in self.stack.names if self.stack.process(name).running]

    def start_what_is_down(self, *, without: str | None = None) -> None:
        """Start every process that is not running, except Swagger UI and ``without``."""
        down = set(self.stack.names) - {*self.running(), SWAGGER, without}
        if down:
            self.stack.start(*(name for name in self.stack.names if name in down))

    def holder(self, job_id: str) -> str:
        """Return the name of the worker that holds the job's lease."""
        leased_by = self.value("SELECT leased_by FROM jobs WHERE id = :id", id=job_id)
        return next(
            name for name in self.running() if f"-{self.stack.process(name).pid}-" in leased_by
        )

    def submit(self, type_name: str, **params: Any) -> str:
        """Submit a job and return its id."""
        return self.stack.client.submit(type=type_name, params=params).id

    def film(self, seconds: float) -> str:
        """Submit a job whose FFmpeg takes that many seconds; return its id."""
        return self.submit("test_film", seconds=seconds)

    def until(self, job_id: str, *statuses: JobStatus, within: float = 30) -> JobStatus:
        """Wait until the job has one of these statuses; return the status."""
        wait_until(
            lambda: self.status(job_id) in statuses, within, what=f"{job_id} becoming {statuses}"
        )
        return self.status(job_id)

    def until_filming(self, job_id: str) -> None:
        """Wait until FFmpeg runs for the job."""
        wait_until(lambda: self.ffmpegs(job_id), 20, what="FFmpeg starting")

    def ffmpegs(self, job_id: str) -> list[psutil.Process]:
        """Return the FFmpeg processes of the job."""
        found = []
        for process in psutil.process_iter(["name", "cmdline"]):
            line = process.info["cmdline"] or []
            if any(job_id in part for part in line) and "ffmpeg" in (process.info["name"] or ""):
                found.append(process)
        return found

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Return the rows that a statement selects."""
        with self.engine.begin() as connection:
            return list(connection.execute(text(statement), values))

    def value(self, statement: str, **values: Any) -> Any:
        """Return the single value that a statement selects."""
        return self.rows(statement, **values)[0][0]

    def status(self, job_id: str) -> JobStatus:
        """Return the job's status from the database."""
        return JobStatus(self.value("SELECT status FROM jobs WHERE id = :id", id=job_id))

    def outcomes(self, job_id: str) -> list[str]:
        """Return the outcome of each attempt, in order."""
        statement = "SELECT outcome FROM job_attempts WHERE job_id = :id ORDER BY number"
        return [outcome for (outcome,) in self.rows(statement, id=job_id)]

    def stored(self, job_id: str) -> list[Path]:
        """Return the job's objects in local storage; unfinished files have other names."""
        found = self.storage_root.glob(f"renders/{job_id}/*")
        return [path for path in found if re.search(r"^[a-z]+-[0-9a-f]{64}\.", path.name)]

    def assert_whole(self, job_id: str) -> None:
        """Assert that the job is DONE with exactly one asset, whose bytes are stored once."""
        assert self.status(job_id) == JobStatus.DONE
        made = self.rows("SELECT object_key, sha256 FROM assets WHERE job_id = :id", id=job_id)
        assert len(made) == self.value(
            "SELECT count(*) FROM job_outputs WHERE job_id = :id", id=job_id
        )
        assert len(made) == 1
        files = self.stored(job_id)
        assert [path.relative_to(self.storage_root).as_posix() for path in files] == [made[0][0]]
        assert made[0][1] in files[0].name


@pytest.fixture
def own_platform(make_stack: Callable[..., Stack]) -> Callable[..., Platform]:
    """``own_platform(**env)`` starts a platform for one test."""

    def start(**options: Any) -> Platform:
        stack = make_stack(**{**QUICK, **options})
        stack.start()
        return Platform(stack)

    return start


@pytest.fixture(scope="session")
def keyed_stack(
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    """A platform with API keys and workers of both lanes; each test uses its own owners."""
    env = {**QUICK, "AUTH_MODE": "keys", "FETCH_ALLOWED_HOSTS": "127.0.0.1"}
    slots = {Lane.BATCH: 2, Lane.INTERACTIVE: 1}
    root = tmp_path_factory.mktemp("keyed")
    stack = stack_in(root, new_database(), new_redis_url(), slots, **env)
    close_with_group(stack.close)
    stack.start()
    yield Platform(stack)
    stack.close()


@pytest.fixture(scope="session")
def _killable_stack(
    new_database: Callable[..., str],
    new_redis_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    root = tmp_path_factory.mktemp("killable")
    env = {**QUICK, "FETCH_ALLOWED_HOSTS": "127.0.0.1"}
    stack = stack_in(root, new_database(), new_redis_url(), {Lane.BATCH: 2}, **env)
    close_with_group(stack.close)
    yield Platform(stack)
    stack.close()


@pytest.fixture
def killable_stack(_killable_stack: Platform) -> Iterator[Platform]:
    """A platform with two workers to kill, pause and restart; restored for the next test."""
    _killable_stack.start_what_is_down()
    yield _killable_stack
    for name in _killable_stack.running():
        _killable_stack.stack.resume(name)


@pytest.fixture
def killable_stack_of_one(_killable_stack: Platform) -> Iterator[Platform]:
    """The same platform with its first worker only."""
    second = "worker-batch-2"
    if second in _killable_stack.running():
        _killable_stack.stack.stop(second)
    _killable_stack.start_what_is_down(without=second)
    yield _killable_stack
    for name in _killable_stack.running():
        _killable_stack.stack.resume(name)
