"""Objects in this process's memory: for tests and for trying things out."""

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
class _Kept:
    content: bytes
    stat: ObjectStat


class MemoryStorage:
    """Keeps objects until the process ends."""

    provider = "memory"

    def __init__(self) -> None:
        self._objects: dict[str, _Kept] = {}
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
            kept = self._objects.setdefault(checked_name(object_key), _Kept(content, stat))
        if kept.content != content:
            raise ObjectExists(f"other bytes are stored under {object_key}")
        return StoredObject(self.provider, object_key, mime, seen.size, seen.sha256)

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        content = self._find(object_key).content
        first, last = 0, len(content) - 1
        if byte_range is not None:
            if byte_range.first >= len(content):
                raise RangeNotSatisfiable
            first, last = byte_range.first, min(byte_range.last, last)
        view = memoryview(content)[first : last + 1]
        return ObjectStream(_pieces(view), size=len(view), close=view.release)

    def stat(self, object_key: str) -> ObjectStat:
        return self._find(object_key).stat

    def delete(self, object_key: str) -> None:
        with self._lock:
            self._objects.pop(checked_name(object_key), None)

    def check(self) -> None:
        """Memory is always there."""

    def _find(self, object_key: str) -> _Kept:
        with self._lock:
            kept = self._objects.get(checked_name(object_key))
        if kept is None:
            raise ObjectNotFound(f"there is no object under {object_key}")
        return kept


def _pieces(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def _open(_settings: StorageSettings) -> MemoryStorage:
    return MemoryStorage()


PROVIDER = Provider(name="memory", open=_open)
