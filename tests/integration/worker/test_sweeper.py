"""The sweeper removes nothing that is needed, and is not stalled by slow providers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gala import ids
from gala.db import stored_objects
from gala.db.engine import Sessions, transaction
from gala.db.tables import Job, Object
from gala.errors import ErrorCode, StorageUnavailable
from gala.job import JobFailure, JobStatus, Lane
from gala.job_queue import jobs
from gala.job_queue import lease as leases
from gala.job_queue.lease import Lease
from gala.job_queue.wakeup import Wakeup, connect
from gala_storage import MemoryStorage, Storage, StorageDenied
from gala_worker import cleanup
from gala_worker.settings import WorkerSettings
from gala_worker.sweeper import Sweeper
from tests.integration.worker.conftest import OneStorage, queued
from tests.support.wait import wait_until

KEY = "renders/one/video.mp4"
FINAL = JobFailure(code=ErrorCode.RENDER_FAILED, message="no")

Hire = Callable[..., Sweeper]


class Slow(MemoryStorage):
    """A provider whose first deletion blocks until ``go_on`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.deleting, self.go_on = threading.Event(), threading.Event()

    def delete(self, object_key: str) -> None:
        """Wait at the first call, then delete."""
        first = not self.deleting.is_set()
        self.deleting.set()
        if first:
            assert self.go_on.wait(20)
        super().delete(object_key)


@pytest.fixture
def hire(engine: Engine, sessions: Sessions, tmp_path: Path) -> Iterator[Hire]:
    """Creates sweepers with one storage, running or not."""
    at_work: list[Sweeper] = []

    def make(storage: Storage, *, start: bool = False) -> Sweeper:
        settings = WorkerSettings(
            database_url=engine.url.render_as_string(hide_password=False),
            redis_url="redis://127.0.0.1:1",
            data_root=tmp_path,
            worker_cleanup_local=True,
            worker_sweep_seconds=0.1,
        )
        wakeup = Wakeup(connect(str(settings.redis_url)), "gala")
        sweeper = Sweeper(settings, sessions, wakeup, OneStorage(storage))
        if start:
            at_work.append(sweeper)
            sweeper.start()
        return sweeper

    yield make
    for sweeper in at_work:
        sweeper.stop()


def condemn(sessions: Sessions, *keys: str) -> None:
    with transaction(sessions) as session:
        session.add_all(
            Object(provider="memory", name=key, object_key=key, state="deleting") for key in keys
        )


def condemned(sessions: Sessions) -> set[str]:
    with transaction(sessions) as session:
        return {key for _, key in stored_objects.to_delete(session)}


def store(sessions: Sessions, storage: Storage, path: Path) -> None:
    with transaction(sessions) as session:
        stored_objects.reserve(session, "memory", KEY, KEY)
    storage.put(KEY, path, "video/mp4", name=KEY)
    with transaction(sessions) as session:
        stored_objects.commit(session, "memory", KEY)


def test_a_slow_deletion_never_hits_bytes_that_were_stored_again(
    sessions: Sessions, hire: Hire, tmp_path: Path
) -> None:
    storage = Slow()
    film = tmp_path / "film"
    film.write_bytes(b"film")
    condemn(sessions, KEY)
    slow = threading.Thread(target=hire(storage).tidy)
    slow.start()
    assert storage.deleting.wait(10)
    hire(storage).tidy()
    stored = False
    with suppress(StorageUnavailable):
        store(sessions, storage, film)
        stored = True
    storage.go_on.set()
    slow.join()
    if not stored:
        store(sessions, storage, film)
    assert storage.stat(KEY).size == 4


def test_an_object_that_cannot_be_deleted_holds_up_no_other(sessions: Sessions, hire: Hire) -> None:
    class Guarded(MemoryStorage):
        """A provider that does not delete some objects."""

        def delete(self, object_key: str) -> None:
            """Raise for keys that begin with ``kept``."""
            if object_key.startswith("kept"):
                raise StorageDenied
            super().delete(object_key)

    condemn(sessions, *(f"kept/{number}" for number in range(3)))
    condemn(sessions, KEY)
    hire(Guarded()).tidy()
    assert condemned(sessions) == {"kept/0", "kept/1", "kept/2"}


def test_leases_are_taken_back_while_storage_is_slow(sessions: Sessions, hire: Hire) -> None:
    storage = Slow()
    condemn(sessions, KEY)
    hire(storage, start=True)
    assert storage.deleting.wait(10)
    with transaction(sessions) as session:
        job_id = queued(session).id
    claim(sessions, timedelta(0))
    wait_until(lambda: status(sessions, job_id) == JobStatus.QUEUED, 5, what="the lease's end")
    storage.go_on.set()


def claim(sessions: Sessions, lease: timedelta = timedelta(seconds=30)) -> Lease:
    with transaction(sessions) as session:
        claimed = leases.claim(session, lane=Lane.BATCH, worker="w", lease=lease)
    assert claimed is not None
    return claimed[1]


def status(sessions: Sessions, job_id: str) -> str:
    with transaction(sessions) as session:
        job = session.get(Job, job_id)
        assert job is not None
        return job.status


def test_a_retried_job_keeps_the_files_that_it_works_with(
    sessions: Sessions, hire: Hire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(sessions) as session:
        job_id = queued(session).id
    with transaction(sessions) as session:
        leases.fail(session, claim(sessions), FINAL, max_failures=1, backoff=timedelta(0))
    folder = tmp_path / "jobs" / job_id
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    retried = threading.Event()

    def retry_and_work() -> None:
        with transaction(sessions) as session:
            jobs.retry(session, job_id, ids.LOCAL_OWNER)
        (folder / "2" / "in").mkdir(parents=True)
        retried.set()

    remove = cleanup.remove

    def remove_late(path: Path) -> None:
        user.start()
        retried.wait(0.5)
        remove(path)

    user = threading.Thread(target=retry_and_work)
    monkeypatch.setattr(cleanup, "remove", remove_late)
    hire(MemoryStorage()).tidy()
    user.join()
    assert (folder / "2" / "in").is_dir()


def test_folders_that_are_gone_keep_no_others(
    sessions: Sessions, hire: Hire, tmp_path: Path
) -> None:
    with transaction(sessions) as session:
        job_id = queued(session).id
    with transaction(sessions) as session:
        jobs.request_cancel(session, job_id, ids.LOCAL_OWNER)
    folder = tmp_path / "jobs" / job_id
    folder.mkdir(parents=True)
    # To the sweeper, they are what another worker removes between its list and its look.
    for _ in range(20):
        (tmp_path / "jobs" / ids.new_id(ids.Prefix.JOB)).symlink_to("gone")
    hire(MemoryStorage()).tidy()
    assert not folder.exists()


def test_a_sweep_that_meets_an_error_of_its_own_is_not_the_last(
    sessions: Sessions, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire, rounds = jobs.expire_leases, iter(range(1000))

    def trip_once(session: object, *, max_crashes: int) -> list[str]:
        if next(rounds) == 0:
            raise ValueError("a bug")
        return expire(session, max_crashes=max_crashes)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "expire_leases", trip_once)
    with transaction(sessions) as session:
        job_id = queued(session).id
    claim(sessions, timedelta(0))
    hire(MemoryStorage(), start=True)
    wait_until(lambda: status(sessions, job_id) == JobStatus.QUEUED, 5, what="the lease's end")
