"""What every storage provider does, and what only some can.

An object is written once and never changes: no key ever gives two different contents. Methods block
and are safe to call from several threads. They raise :class:`gala_storage.errors.StorageError` and
its kin; errors of the caller's own local file stay ``OSError``.
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
    """An object that the provider has confirmed; what a database row keeps of it.

    ``size`` is in bytes, ``sha256`` in lower-case hexadecimal.
    """

    provider: str
    object_key: str
    mime: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """What a provider tells of an object without reading it; ``None`` where it cannot tell."""

    size: int
    sha256: str | None = None
    mime: str | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``first`` to ``last``, both included and counted from 0.

    A ``last`` past the end means the end; a ``first`` past the end cannot be satisfied.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise ValueError(f"not a range of bytes: {self.first} to {self.last}")

    @property
    def length(self) -> int:
        """How many bytes the range spans."""
        return self.last - self.first + 1


class ObjectStream:
    """The bytes of an object or of one range, in chunks; ``size`` bytes in all, given once.

    Close it in the thread that reads it, or when nobody reads: closing frees the connection or the
    file at once, wherever the reading stopped. A body that ends early raises
    :class:`StorageUnavailable`; a short read is never taken for the whole.
    """

    def __init__(self, chunks: Iterable[bytes], *, size: int, close: Callable[[], None]) -> None:
        self.size = size
        self._chunks = iter(chunks)
        self._left = size
        self._close = close
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._closed:
            raise StopIteration
        chunk = next(self._chunks, b"")
        if chunk:
            self._left -= len(chunk)
            return chunk
        self.close()
        if self._left:
            raise StorageUnavailable(f"the object's body ended {self._left} bytes early")
        raise StopIteration

    @property
    def closed(self) -> bool:
        """Whether nothing is held any more."""
        return self._closed

    def close(self) -> None:
        """Let go of the connection or the file; more calls do nothing."""
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
    """Where finished objects live."""

    @property
    def provider(self) -> str:
        """The provider's name, kept with every object: ``localfs``, ``s3``, ``gdrive``, …"""

    def reserve(self, name: str) -> str:
        """The key under which an object of that name is to be put; nothing is stored yet.

        Commit the key before the upload: putting the same bytes again under it, after a crash,
        neither repeats nor overwrites anything.

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
        """Store a local file under a reserved key, and verify what the provider really keeps.

        Streamed: memory does not grow with the file. The same bytes under the same key succeed
        again without an upload; other bytes raise :class:`ObjectExists`. When it fails nothing is
        to be found under the key; what arrived before an interruption may be used by the next call.

        :param name: the name that ``object_key`` was reserved for; what people see in a provider
            whose keys are opaque.
        :param on_progress: called now and then with the bytes sent so far, also every second while
            waiting for the provider; an exception of its own ends the upload.
        """

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        """The object's bytes, whole or one range of them, as they come from the provider."""

    def stat(self, object_key: str) -> ObjectStat:
        """What the provider tells of the object."""

    def delete(self, object_key: str) -> None:
        """Remove the object; one that is not there is fine."""

    def check(self) -> None:
        """Raise a clear error unless the place is there and the credentials are good; cheap."""


@runtime_checkable
class SupportsSignedUrl(Protocol):
    """A provider that serves an object itself to whoever holds a link."""

    def signed_url(
        self, object_key: str, expires: timedelta, *, filename: str | None, inline: bool
    ) -> str:
        """A link that works until ``expires`` from now (at most seven days), without credentials.

        :param filename: the name that a browser saves it under; the key's last part if ``None``.
        :param inline: whether a browser shows it rather than saves it.
        """


@runtime_checkable
class SupportsLocalPath(Protocol):
    """A provider whose objects are files of this machine."""

    def local_path(self, object_key: str) -> Path:
        """The object's file, absolute and resolved, for ``sendfile``; never to be written."""
