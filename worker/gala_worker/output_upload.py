"""Upload of finished outputs: reserve the key, upload, verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gala.db import stored_objects
from gala.db.engine import Sessions, transaction
from gala.errors import StorageFailed
from gala.job_queue import lease as leases
from gala.job_queue.lease import Lease, LeaseLost
from gala.mime import suffix_of
from gala.render_protocol import Output
from gala.storage_errors import job_error
from gala_storage import Storage, StorageError, StoredObject
from gala_worker.heartbeat import Heartbeat


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageFailed, or StorageUnavailable if it is retryable, for errors of a provider."""
    try:
        yield
    except StorageError as error:
        raise job_error(error) from error


class OutputUploader:
    """Stores an attempt's outputs with the provider for new objects."""

    def __init__(self, sessions: Sessions, storage: Storage):
        self._sessions = sessions
        self._storage = storage

    def upload(
        self, lease: Lease, output: Output, path: Path, heartbeat: Heartbeat
    ) -> StoredObject:
        """Upload one output under a key that is committed first.

        All attempts at a job use the same key for the same bytes, so a repeated upload neither
        duplicates nor overwrites anything. Raises StorageFailed or a subclass, LeaseLost, or the
        heartbeat's reason to stop.
        """
        name = f"renders/{lease.job_id}/{output.role}-{output.sha256}{suffix_of(output.mime)}"
        key = self._reserve(lease, name)
        with storage_errors():
            stored = self._storage.put(
                key, path, output.mime, name=name, on_progress=lambda _sent: heartbeat.check()
            )
        if (stored.size, stored.sha256) != (output.size, output.sha256):
            raise StorageFailed(f"The stored bytes of {name} differ from the rendered ones.")
        return stored

    def _reserve(self, lease: Lease, name: str) -> str:
        # The first reservation of a name is kept; the key of a later attempt is not used.
        with storage_errors():
            key = self._storage.reserve(name)
        with transaction(self._sessions) as session:
            if not leases.still_held(session, lease):
                raise LeaseLost
            return stored_objects.reserve(
                session, self._storage.provider, name, key, job_id=lease.job_id
            )
