"""Provider that stores objects in memory, for tests and experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from gala_storage.checksum import fingerprint
from gala_storage.contract import (
    CHUNK,
    ByteRange,
    ObjectStat,
    ObjectStream,
    StoredObject,
)
from gala_storage.errors import ObjectExists, ObjectNotFound, RangeNotSatisfiable
from gala_storage.object_names import checked_name
from gala_storage.registry import Provider
from gala_storage.settings import StorageSettings


@dataclass(frozen=True, slots=True)
class _Object:
    content: bytes
    stat: ObjectStat


class MemoryStorage:
    """Stores objects until the process ends."""

    provider = "memory"

    def __init__(self) -> None:
        self._objects: dict[str, _Object] = {}
        self._lock = Lock()

    def reserve(self, name: str) -> str:
        return checked_name(name)

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,  # noqa: ARG002 - the key is the name
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        content = path.read_bytes()
        seen = fingerprint([content])
        stat = ObjectStat(seen.size, seen.sha256, mime, datetime.now(UTC))
        if on_progress is not None:
            on_progress(seen.size)
        with self._lock:
            stored = self._objects.setdefault(checked_name(object_key), _Object(content, stat))
        if stored.content != content:
            raise ObjectExists(f"other bytes are already stored with {object_key}")
        return StoredObject(self.provider, object_key, mime, seen.size, seen.sha256)

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        content = self._find(object_key).content
        first, last = 0, len(content) - 1
        if byte_range is not None:
            if byte_range.first >= len(content):
                raise RangeNotSatisfiable
            first, last = byte_range.first, min(byte_range.last, last)
        view = memoryview(content)[first : last + 1]
        return ObjectStream(_chunks(view), size=len(view), close=view.release)

    def stat(self, object_key: str) -> ObjectStat:
        return self._find(object_key).stat

    def delete(self, object_key: str) -> None:
        with self._lock:
            self._objects.pop(checked_name(object_key), None)

    def check(self) -> None:
        """Do nothing: memory is always available."""

    def _find(self, object_key: str) -> _Object:
        with self._lock:
            stored = self._objects.get(checked_name(object_key))
        if stored is None:
            raise ObjectNotFound(f"there is no object {object_key}")
        return stored


def _chunks(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def _open(_settings: StorageSettings) -> MemoryStorage:
    return MemoryStorage()


PROVIDER = Provider(name="memory", open=_open)
