"""A worker's resources in the test process: real Postgres, real renderer, any storage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import Sessions, make_engine, make_sessions, transaction
from gala.db.tables import Job
from gala.job import Lane
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.render_types import all_types
from gala.supervisor.stack import Stack as Services
from gala_storage import Storage, StorageRegistry, StorageSettings
from gala_worker.attempt import Attempt, WorkerResources
from gala_worker.renderer_client import Renderer
from gala_worker.settings import WorkerSettings
from tests.fakes import plugins
from tests.platform.distribution import close_with_group
from tests.platform.stack import stack_in


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The test's own database."""
    engine = make_engine(database_url, name="test", pool_size=16)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    """Sessions on the test's database."""
    return make_sessions(engine)


def queued(session: Session, **columns: Any) -> Job:
    """Create a queued job as the API does."""
    wanted: dict[str, Any] = {
        "id": ids.new_id(ids.Prefix.JOB),
        "owner_id": ids.LOCAL_OWNER,
        "type": "test_noop",
        "template_id": ids.builtin_template_id("hello_render"),
        "model_ids": [],
        "inputs": {},
        "params": {},
        "format": {"width": 16, "height": 16, "fps": 1},
        "lane": Lane.BATCH,
    }
    job = Job(**{**wanted, **columns})
    jobs.submit(session, job, {})
    return job


class OneStorage(StorageRegistry):
    """A storage registry with one storage."""

    def __init__(self, storage: Storage):
        super().__init__(StorageSettings())
        self._only = storage

    @property
    def current(self) -> Storage:
        """Return the storage."""
        return self._only

    def get(self, provider: str) -> Storage:
        """Return the storage, whatever the name."""
        del provider
        return self._only


class Workplace:
    """Runs single attempts and inspects what they leave."""

    def __init__(self, engine: Engine, renderer_url: str, data_root: Path):
        self.engine = engine
        self.sessions = make_sessions(engine)
        self.data_root = data_root
        self._renderer_url = renderer_url

    def attempt(
        self, storage: Storage, *, job_columns: Mapping[str, Any] | None = None, **settings: Any
    ) -> tuple[Attempt, str]:
        """Submit a job and claim it, without starting the attempt."""
        url = self.engine.url.render_as_string(hide_password=False)
        chosen = WorkerSettings(
            database_url=url,
            redis_url="redis://unused",
            data_root=self.data_root,
            **{"worker_backoff_seconds": 0, "worker_lease_seconds": 5, **settings},
        )
        resources = WorkerResources(
            settings=chosen,
            sessions=self.sessions,
            storages=OneStorage(storage),
            renderer=Renderer(self._renderer_url, wait_seconds=5),
            name="test",
        )
        with transaction(self.sessions) as session:
            job = queued(session, **(job_columns or {}))
        with transaction(self.sessions) as session:
            claimed = leases.claim(
                session, lane=Lane.BATCH, worker="test", lease=timedelta(seconds=5)
            )
        assert claimed is not None
        return Attempt(resources, *claimed), job.id

    def folder(self, job_id: str) -> Path:
        """Return the folder of the job's local files."""
        return self.data_root / "jobs" / job_id

    def execute(self, statement: str) -> None:
        """Run a statement on the worker's database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def status(self, job_id: str) -> str:
        """Return the job's status."""
        with self.engine.begin() as connection:
            found = connection.execute(
                text("SELECT status FROM jobs WHERE id = :id"), {"id": job_id}
            )
            return str(found.scalar_one())


@pytest.fixture
def _test_types(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(plugins.FOLDER))
    all_types.cache_clear()
    yield
    monkeypatch.undo()
    all_types.cache_clear()


@pytest.fixture(scope="session")
def _renderer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A renderer process with the test types; it needs no database and no Redis."""
    root = tmp_path_factory.mktemp("workplace")
    unused = ("postgresql://unused/unused", "redis://unused")
    stack = stack_in(root, *unused, {}, PYTHONPATH=str(plugins.FOLDER))
    close_with_group(stack.close)
    stack.start("renderer")
    yield stack.services
    stack.close()


@pytest.fixture
def workplace(engine: Engine, _renderer: Services, _test_types: None) -> Workplace:
    """A renderer process, and a worker in the test process that has fetched nothing yet."""
    shutil.rmtree(_renderer.data_root / "fetched", ignore_errors=True)
    return Workplace(engine, _renderer.renderer_url, _renderer.data_root)
