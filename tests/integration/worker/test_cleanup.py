"""Local files are removed only after upload, checksum and commit."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gala_storage import MemoryStorage, StorageDenied, StorageUnavailable, StoredObject
from tests.integration.worker.conftest import Workplace
from tests.platform.servers import PostgresDatabases

Progress = Callable[[int], None] | None


class Refusing(MemoryStorage):
    """A provider that rejects all uploads."""

    def put(
        self, object_key: str, path: Path, mime: str, *, name: str, on_progress: Progress = None
    ) -> StoredObject:
        """Reject the upload."""
        raise StorageDenied("these credentials may not write")


class Away(MemoryStorage):
    """A provider that does not respond."""

    def put(
        self, object_key: str, path: Path, mime: str, *, name: str, on_progress: Progress = None
    ) -> StoredObject:
        """Raise a time-out."""
        raise StorageUnavailable


class Lying(MemoryStorage):
    """A provider that stores other bytes."""

    def put(
        self, object_key: str, path: Path, mime: str, *, name: str, on_progress: Progress = None
    ) -> StoredObject:
        """Store, and report another checksum."""
        stored = super().put(object_key, path, mime, name=name, on_progress=on_progress)
        return replace(stored, sha256="0" * 64)


def cleanup_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("cleanup")]


def rendered(workplace: Workplace, job: str) -> list[Path]:
    return [path for path in workplace.folder(job).rglob("out/*") if path.is_file()]


@pytest.fixture(autouse=True)
def _info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_with_the_flag_the_files_are_gone_once_the_job_is_done(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    attempt, job = workplace.attempt(MemoryStorage(), worker_cleanup_local=True)
    attempt.run()
    assert workplace.status(job) == "DONE"
    assert not workplace.folder(job).exists()
    assert cleanup_lines(caplog) == [f"cleanup ok path={workplace.folder(job)}"]


def test_without_the_flag_the_files_stay(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    attempt, job = workplace.attempt(MemoryStorage(), worker_cleanup_local=False)
    attempt.run()
    assert workplace.status(job) == "DONE"
    assert len(rendered(workplace, job)) == 1
    assert cleanup_lines(caplog) == ["cleanup skipped reason=WORKER_CLEANUP_LOCAL is off"]


@pytest.mark.parametrize(
    ("storage", "status"), [(Refusing(), "FAILED"), (Away(), "QUEUED"), (Lying(), "FAILED")]
)
def test_files_stay_when_the_provider_did_not_confirm_the_bytes(
    workplace: Workplace, caplog: pytest.LogCaptureFixture, storage: MemoryStorage, status: str
) -> None:
    attempt, job = workplace.attempt(storage, worker_cleanup_local=True)
    attempt.run()
    assert workplace.status(job) == status
    assert len(rendered(workplace, job)) == 1
    assert cleanup_lines(caplog) == ["cleanup skipped reason=uploading failed"]


def test_files_stay_when_the_commit_fails(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    workplace.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no asset today'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON assets
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
    """)
    attempt, job = workplace.attempt(MemoryStorage(), worker_cleanup_local=True)
    attempt.run()
    assert workplace.status(job) == "QUEUED"
    assert len(rendered(workplace, job)) == 1
    assert cleanup_lines(caplog) == ["cleanup skipped reason=recording failed"]


def test_files_stay_when_the_database_is_gone(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    class Cutting(MemoryStorage):
        """The database becomes unavailable during the upload."""

        def put(
            self, object_key: str, path: Path, mime: str, *, name: str, on_progress: Progress = None
        ) -> StoredObject:
            """Store, and close all connections to the database."""
            stored = super().put(object_key, path, mime, name=name, on_progress=on_progress)
            workplace.execute("ALTER TABLE jobs RENAME TO gone")
            return stored

    attempt, job = workplace.attempt(Cutting(), worker_cleanup_local=True, worker_lease_seconds=1)
    try:
        with pytest.raises(Exception, match="jobs"):
            attempt.run()
    finally:
        workplace.execute("ALTER TABLE gone RENAME TO jobs")
    assert len(rendered(workplace, job)) == 1
    assert not any(line.startswith("cleanup ok") for line in cleanup_lines(caplog))


def test_files_stay_when_the_lease_is_lost_with_the_database(
    workplace: Workplace, caplog: pytest.LogCaptureFixture, postgres_server: PostgresDatabases
) -> None:
    database = workplace.engine.url.database
    assert database is not None

    def accept(connections: str) -> None:
        postgres_server.execute(f"ALTER DATABASE {{}} ALLOW_CONNECTIONS {connections}", database)

    class Unplugged(MemoryStorage):
        """The database becomes unavailable during the upload and remains so."""

        def put(
            self, object_key: str, path: Path, mime: str, *, name: str, on_progress: Progress = None
        ) -> StoredObject:
            """Close all connections to the database and upload until the worker stops."""
            accept("false")
            workplace.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            workplace.engine.dispose()
            assert on_progress is not None
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                on_progress(0)
                time.sleep(0.01)
            raise AssertionError

    attempt, job = workplace.attempt(Unplugged(), worker_cleanup_local=True, worker_lease_seconds=1)
    try:
        attempt.run()
    finally:
        accept("true")
    assert len(rendered(workplace, job)) == 1
    assert cleanup_lines(caplog) == ["cleanup skipped reason=lease lost"]


def test_a_cleanup_that_fails_leaves_the_job_done(
    workplace: Workplace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    attempt, job = workplace.attempt(MemoryStorage(), worker_cleanup_local=True)
    attempt.run()
    assert workplace.status(job) == "DONE"
    (line,) = cleanup_lines(caplog)
    assert line.startswith("cleanup failed err=")
