"""Without disk space, a worker claims no job, or returns it, and the job says why it waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from gala.db.engine import Sessions, transaction
from gala.db.tables import Job, JobAttempt, JobEvent
from gala.job import JobStatus
from gala_storage import MemoryStorage, StorageRegistry, StorageSettings
from gala_worker import rq_worker
from gala_worker.attempt import WorkerResources
from gala_worker.renderer_client import Renderer
from gala_worker.rq_worker import JobSlot
from gala_worker.settings import WorkerSettings
from tests.integration.worker.conftest import Workplace, queued
from tests.platform.stack import Stack

TOO_MUCH = 1 << 60


def reasons(sessions: Sessions, job_id: str) -> list[str]:
    """Return the messages of the job's log that say why it waits."""
    with transaction(sessions) as session:
        statement = select(JobEvent.data).where(JobEvent.job_id == job_id, JobEvent.kind == "log")
        found: list[dict[str, Any]] = list(session.scalars(statement.order_by(JobEvent.seq)))
    return [data["msg"] for data in found if data.get("waiting") == "OUT_OF_DISK"]


def test_no_job_is_claimed_and_each_that_is_due_says_why_once(
    sessions: Sessions, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rq_worker, "REPORT_SECONDS", 0.0)
    resources = WorkerResources(
        settings=WorkerSettings(
            database_url=database_url,
            redis_url="redis://unused",
            data_root=tmp_path,
            renderer_min_free_bytes=TOO_MUCH,
        ),
        sessions=sessions,
        storages=StorageRegistry(StorageSettings()),
        renderer=Renderer("http://127.0.0.1:9", wait_seconds=0),
        name="test",
    )
    with transaction(sessions) as session:
        waiting = [queued(session).id for _ in range(2)]
    slot = JobSlot(resources)
    for _ in range(3):
        slot.run_next()
    for job_id in waiting:
        (reason,) = reasons(sessions, job_id)
        assert "are free in DATA_ROOT" in reason
        with transaction(sessions) as session:
            job = session.get_one(Job, job_id)
            assert (job.status, job.attempt) == (JobStatus.QUEUED, 0)


def test_a_renderer_without_space_costs_its_jobs_no_failure(
    make_stack: Callable[..., Stack], engine: Engine, database_url: str
) -> None:
    stack = make_stack(database_url=database_url, RENDERER_MIN_FREE_BYTES=str(TOO_MUCH))
    stack.start("renderer")
    workplace = Workplace(engine, stack.services.renderer_url, stack.services.data_root)
    # This worker has another minimum, as if its disk were another one.
    attempt, job_id = workplace.attempt(
        MemoryStorage(), job_columns={"type": "hello_render"}, renderer_min_free_bytes=0
    )
    attempt.run()
    assert "are free in DATA_ROOT" in reasons(workplace.sessions, job_id)[0]
    with transaction(workplace.sessions) as session:
        job = session.get_one(Job, job_id)
        assert (job.status, job.failures, job.crashes) == (JobStatus.QUEUED, 0, 0)
        outcomes = session.scalars(select(JobAttempt.outcome).where(JobAttempt.job_id == job_id))
        assert list(outcomes) == ["RELEASED"]
