"""The sweeper: expires leases, repeats lost wake-ups, removes leftovers.

Every worker runs one; work on the whole database is done by one of them at a time (advisory lock).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gala.db import stored_objects
from gala.db.engine import DATABASE_ERRORS, Sessions, driver_message, transaction
from gala.db.tables import Job
from gala.errors import Unavailable
from gala.ids import Prefix, is_id
from gala.job import ENDED, JobStatus, Lane
from gala.job_queue import jobs as queue
from gala.job_queue import outbox
from gala.job_queue.wakeup import Wakeup
from gala.uploads import remove_abandoned_uploads, uploads_folder
from gala_storage import StorageError, StorageRegistry, SupportsCleanup
from gala_worker import cleanup
from gala_worker.http_fetch import create_cache
from gala_worker.settings import WorkerSettings

log = logging.getLogger(__name__)

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('gala.sweeper.' || :task))")
_MAX_WAKEUPS = 1000
_OBJECT_GRACE = timedelta(hours=1)
_HOUSEKEEPING_SECONDS = 60.0
_STOP_SECONDS = 5.0


class Sweeper:
    """Runs in two threads until stopped, so that a slow provider or disk does not delay leases."""

    def __init__(
        self,
        settings: WorkerSettings,
        sessions: Sessions,
        wakeup: Wakeup,
        storages: StorageRegistry,
    ):
        self._settings = settings
        self._sessions = sessions
        self._wakeup = wakeup
        self._storages = storages
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(task, seconds), name=name, daemon=True)
            for name, task, seconds in (
                ("sweeper", self.sweep, settings.worker_sweep_seconds),
                ("housekeeper", self.tidy, _HOUSEKEEPING_SECONDS),
            )
        ]

    def start(self) -> None:
        """Start the threads; each does its first round at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the current round, or after 5 seconds."""
        self._ended.set()
        give_up = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0, give_up - time.monotonic()))

    def _repeat(self, task: Callable[[], None], seconds: float) -> None:
        while True:
            task()
            if self._ended.wait(seconds):
                return

    def sweep(self) -> None:
        """Expire leases and repeat wake-ups; failures are logged and retried by the next round."""
        self._guarded(self._expire_and_notify)

    def tidy(self) -> None:
        """Remove old rows, objects, folders and fetched files; failures are logged."""
        self._guarded(self._delete_old_rows)
        self._guarded(self._delete_objects)
        self._guarded(self._remove_folders)
        self._guarded(self._remove_uploads)
        self._guarded(create_cache(self._settings).tidy)

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except DATABASE_ERRORS as error:
            log.warning("sweep: database away: %s", driver_message(error))
        except Unavailable as error:
            log.warning("sweep: %s", error)
        except (OSError, StorageError) as error:
            log.warning("sweep: %s failed: %s", task.__name__, error)
        except Exception:
            # The thread's outer edge: without further rounds, jobs would stall unnoticed.
            log.exception("sweep: %s failed because of a defect of the worker", task.__name__)

    def _expire_and_notify(self) -> None:
        with transaction(self._sessions) as session:
            if not session.scalar(_LOCK, {"task": "leases"}):
                return
            expired = queue.expire_leases(session, max_crashes=self._settings.worker_max_crashes)
        for job_id in expired:
            log.warning("lease expired job_id=%s", job_id)
        for lane in Lane:
            self._notify(lane)

    def _notify(self, lane: Lane) -> None:
        with transaction(self._sessions) as session:
            due = queue.due(
                session, lane, limit=_MAX_WAKEUPS, older_than=timedelta(seconds=self._grace_seconds)
            )
        # Each wake-up that is already queued will start one of the due jobs.
        missing = len(due) - (self._wakeup.waiting(lane) if due else 0)
        for job_id, attempt in due[: max(missing, 0)]:
            self._wakeup.notify(lane, job_id, attempt)

    @property
    def _grace_seconds(self) -> float:
        """Age from which a due job gets another wake-up."""
        return min(1.0, self._settings.worker_sweep_seconds / 2)

    def _delete_old_rows(self) -> None:
        with transaction(self._sessions) as session:
            queue.delete_expired_idempotency_keys(session)
            queue.delete_old_turns(session)
            outbox.prune(session)

    def _delete_objects(self) -> None:
        ttl = timedelta(hours=self._settings.worker_staging_ttl_hours)
        with transaction(self._sessions) as session:
            if not session.scalar(_LOCK, {"task": "objects"}):
                return
            stored_objects.abandon_leftovers(session, job_grace=_OBJECT_GRACE, upload_ttl=ttl)
        with transaction(self._sessions) as session:
            abandoned = stored_objects.to_delete(session)
        unavailable: set[str] = set()
        for provider, key in abandoned:
            if provider in unavailable or self._ended.is_set():
                continue
            try:
                self._delete_object(provider, key)
            except StorageError as error:
                log.warning("sweep: %s remains at %s for now: %s", key, provider, error)
                if error.retryable:
                    unavailable.add(provider)

    def _delete_object(self, provider: str, key: str) -> None:
        with transaction(self._sessions) as session:
            if stored_objects.take_for_deletion(session, provider, key):
                self._storages.get(provider).delete(key)
                stored_objects.forget(session, provider, key)

    def _remove_folders(self) -> None:
        if not self._settings.worker_cleanup_local:
            return
        jobs = self._settings.data_root / "jobs"
        if not jobs.is_dir():
            return
        for folder in jobs.iterdir():
            if is_id(Prefix.JOB, folder.name):
                # Another worker may have removed it meanwhile.
                with suppress(FileNotFoundError):
                    self._remove_leftover(folder)

    def _remove_uploads(self) -> None:
        """Remove what killed processes were receiving, or writing to a storage."""
        removed = remove_abandoned_uploads(uploads_folder(self._settings.data_root))
        if removed:
            log.info("sweep: removed %d uploads of ended API processes", removed)
        storage = self._storages.current
        if isinstance(storage, SupportsCleanup):
            storage.remove_abandoned()

    def _remove_leftover(self, folder: Path) -> None:
        old = time.time() - folder.stat().st_mtime > self._settings.worker_staging_ttl_hours * 3600
        with transaction(self._sessions) as session:
            status = _ended_status(session, folder.name)
            # A crash between commit and cleanup leaves the files of a DONE job. Failed jobs keep
            # theirs for a while, because a retry can reuse them.
            if status in {JobStatus.DONE, JobStatus.CANCELLED} or (status is not None and old):
                cleanup.remove(folder)


def _ended_status(session: Session, job_id: str) -> JobStatus | None:
    """Return the status of an ended job and lock its row, so that it is not retried meanwhile."""
    ended = select(Job.status).where(Job.id == job_id, Job.status.in_(ENDED))
    status = session.scalar(ended.with_for_update(skip_locked=True))
    return None if status is None else JobStatus(status)
