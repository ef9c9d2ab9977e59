"""From a finished file to bytes at the provider: reserve, upload, verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gala.db import stored_objects
from gala.db.engine import Sessions, transaction
from gala.errors import StorageFailed, StorageUnavailable
from gala.job_queue import lease as leases
from gala.job_queue.lease import Lease, LeaseLost
from gala.mime import suffix_of
from gala.render_protocol import Output
from gala_storage import Storage, StorageError, StoredObject
from gala_storage import errors as storage
from gala_worker.heartbeat import Heartbeat

_HINTS = {
    storage.StorageDenied: "Check the storage provider's credentials in the worker's environment.",
    storage.StorageFull: "Free some space at the storage provider, then retry the job.",
    storage.StorageConfigError: "Complete the storage provider's settings, then retry the job.",
}


@contextmanager
def storage_errors() -> Iterator[None]:
    """Translate the provider's errors into GALA's; transient ones stay retryable."""
    try:
        yield
    except StorageError as error:
        hint = next((text for kind, text in _HINTS.items() if isinstance(error, kind)), None)
        translated = StorageUnavailable if error.retryable else StorageFailed
        raise translated(error.message, hint=hint) from error


class Store:
    """Stores an attempt's outputs with the provider that takes new objects."""

    def __init__(self, sessions: Sessions, provider: Storage):
        self._sessions = sessions
        self._storage = provider

    def put(self, lease: Lease, output: Output, path: Path, heartbeat: Heartbeat) -> StoredObject:
        """Upload one output under a key that is committed first.

        Every attempt at a job arrives at the same key for the same bytes, so repeating an upload
        neither multiplies nor overwrites anything. Raises StorageFailed and its kin, LeaseLost, or
        the heartbeat's reason to stop.
        """
        name = f"renders/{lease.job_id}/{output.role}-{output.sha256}{suffix_of(output.mime)}"
        key = self._reserve(lease, name)
        with storage_errors():
            stored = self._storage.put(
                key, path, output.mime, name=name, on_progress=lambda _sent: heartbeat.check()
            )
        if (stored.size, stored.sha256) != (output.size, output.sha256):
            raise StorageFailed(f"{name} arrived with other bytes than were rendered.")
        return stored

    def _reserve(self, lease: Lease, name: str) -> str:
        # Only the first reservation of a name stands; a later attempt's own key is dropped.
        with storage_errors():
            key = self._storage.reserve(name)
        with transaction(self._sessions) as session:
            if not leases.still_held(session, lease):
                raise LeaseLost
            return stored_objects.reserve(
                session, self._storage.provider, name, key, job_id=lease.job_id
            )
