"""The protocol of all storage providers, and optional protocols that only some support.

An object is written once and never changes: no key ever has two different contents. Methods block
and are safe to call from several threads. They raise :class:`gala_storage.errors.StorageError` and
its subclasses; errors of the caller's local file remain ``OSError``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, runtime_checkable

from gala_storage.errors import StorageUnavailable

CHUNK: Final = 256 * 1024
"""Bytes read at once from a file or a connection."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that the provider has confirmed, as recorded in the database.

    ``size`` is in bytes, ``sha256`` in lower-case hexadecimal.
    """

    provider: str
    object_key: str
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """Metadata of an object, without reading it; ``None`` if the provider does not know it."""

    size: int
    sha256: str | None = None
    mime: str | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``first`` to ``last``, both included and counted from 0.

    If ``last`` is past the end, the range ends at the end; if ``first`` is, it cannot be satisfied.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise ValueError(f"not a range of bytes: {self.first} to {self.last}")

    @property
    def length(self) -> int:
        """Number of bytes in the range."""
        return self.last - self.first + 1


class ObjectStream:
    """The bytes of an object or of one range, in chunks; ``size`` is their total number.

    It can be read once. Close it in the thread that reads it, or when no thread does: closing
    releases the connection or the file at once. A body that ends early raises
    :class:`StorageUnavailable`, so that a short read is never mistaken for the whole object.
    """

    def __init__(self, chunks: Iterable[bytes], *, size: int, close: Callable[[], None]) -> None:
        self.size = size
        self._chunks = iter(chunks)
        self._remaining = size
        self._close = close
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._closed:
            raise StopIteration
        chunk = next(self._chunks, b"")
        if chunk:
            self._remaining -= len(chunk)
            return chunk
        self.close()
        if self._remaining:
            raise StorageUnavailable(f"the object's body ended {self._remaining} bytes early")
        raise StopIteration

    @property
    def closed(self) -> bool:
        """Return True if the connection or the file has been released."""
        return self._closed

    def close(self) -> None:
        """Release the connection or the file; further calls do nothing."""
        if not self._closed:
            self._closed = True
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@runtime_checkable
class Storage(Protocol):
    """A store of finished objects."""

    @property
    def provider(self) -> str:
        """The provider's name, recorded with every object: ``localfs``, ``s3``, ``gdrive``, …"""

    def reserve(self, name: str) -> str:
        """Return the key to store an object of that name with; nothing is stored yet.

        Commit the key before the upload: after a crash, the same bytes can be put again with the
        same key without duplicating or overwriting anything.

        :param name: like ``renders/<job>/<role>-<sha256>.mp4``; at most 512 characters.
        """

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        """Store a local file with a reserved key, and verify what the provider has stored.

        The file is streamed: memory does not grow with its size. If the same bytes are already
        stored with the key, nothing is uploaded; other bytes raise :class:`ObjectExists`. After a
        failure there is no object with the key; the next call may resume the upload.

        :param name: the name that ``object_key`` was reserved for, which is visible to users of a
            provider whose keys are opaque.
        :param on_progress: called from time to time with the bytes sent so far, also every second
            while waiting for the provider; its exceptions end the upload.
        """

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        """Return a stream of the object's bytes, or of one range, as the provider sends them."""

    def stat(self, object_key: str) -> ObjectStat:
        """Return the object's metadata."""

    def delete(self, object_key: str) -> None:
        """Remove the object; do nothing if there is none."""

    def check(self) -> None:
        """Raise StorageError if the store does not exist or access is denied; cheap."""


@runtime_checkable
class SupportsSignedUrl(Protocol):
    """A provider that serves objects itself by signed links."""

    def signed_url(
        self, object_key: str, expires: timedelta, *, filename: str | None, inline: bool
    ) -> str:
        """Return a link that is valid for ``expires`` (at most seven days), without credentials.

        :param filename: the name of the file that a browser saves; by default the key's last part.
        :param inline: whether a browser shows the object instead of saving it.
        """


@runtime_checkable
class SupportsCleanup(Protocol):
    """A provider that may keep parts of objects whose writers were killed."""

    def remove_abandoned(self) -> None:
        """Remove what no process is writing any more; what cannot be removed stays."""


@runtime_checkable
class SupportsLocalPath(Protocol):
    """A provider whose objects are files on this machine."""

    def local_path(self, object_key: str) -> Path:
        """Return the absolute, resolved path of the object's file; it must not be written."""
