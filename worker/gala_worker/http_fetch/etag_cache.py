"""Cache of fetched files, revalidated by ETag; shared by all workers of a machine.

One file per URL: a line of JSON, then the bytes. It is created and removed atomically.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

log = logging.getLogger(__name__)

_CHUNK_BYTES: Final = 1 << 20
_MAX_HEADER_BYTES: Final = 8192
_PARTIAL: Final = ".partial"
_PARTIAL_SECONDS: Final = 3600
_ASCII: Final = r"^[\x20-\x7e]*$"


class Entry(BaseModel):
    """Metadata of cached bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url_sha256: str
    # Requests carry them again, and are in ASCII; servers may send other characters.
    etag: str | None = Field(default=None, max_length=1024, pattern=_ASCII)
    last_modified: str | None = Field(default=None, max_length=128, pattern=_ASCII)
    size: int
    sha256: str

    @property
    def conditions(self) -> dict[str, str]:
        """Request headers that make the server answer 304 if the file is unchanged."""
        if self.etag is not None:
            return {"if-none-match": self.etag}
        return {"if-modified-since": self.last_modified} if self.last_modified else {}


class Cache:
    """A cache of at most ``max_bytes``; the least recently used files are removed first.

    With a limit of 0 it stores nothing.
    """

    def __init__(self, folder: Path, max_bytes: int):
        self._folder = folder
        self._max_bytes = max_bytes

    def find(self, url: str) -> Entry | None:
        """Return the entry of this URL, or None; a damaged file is removed."""
        with contextlib.suppress(FileNotFoundError), self._path(url).open("rb") as file:
            return self._entry(file, url)
        return None

    def copy(self, url: str, entry: Entry, to: Path, check: Callable[[], None]) -> bool:
        """Copy the cached bytes to a file; return False if they are no longer those of the entry.

        Not a link, because a change of the job's file must not change the cache. ``check`` is
        called for every chunk.
        """
        try:
            with self._path(url).open("rb") as file, to.open("wb") as target:
                if self._entry(file, url) == entry and _copy(file, target, check) == entry.sha256:
                    os.utime(file.fileno())
                    return True
        except FileNotFoundError:
            return False
        log.warning("a cached file is damaged and is removed")
        self._path(url).unlink(missing_ok=True)
        return False

    def store(self, url: str, source: Path, entry: Entry, check: Callable[[], None]) -> None:
        """Store a copy of ``source`` if the cache is large enough; a full disk is only logged."""
        if entry.size > self._max_bytes or not entry.conditions:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store(url, source, entry, check)
            self.tidy()
        except OSError as error:
            log.warning("a fetched file is not cached: %s", error)

    def drop(self, url: str) -> None:
        """Remove the file of this URL."""
        self._path(url).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the files above the limit, and temporary files of processes that were killed."""
        if not self._folder.is_dir():
            return
        with self._lock():
            bytes_left = self._max_bytes
            for path, used, size in sorted(self._files(), key=lambda file: -file[1]):
                if path.name.endswith(_PARTIAL):
                    if time.time() - used > _PARTIAL_SECONDS:
                        path.unlink(missing_ok=True)
                    continue
                bytes_left -= size
                if bytes_left < 0 or not self._max_bytes:
                    path.unlink(missing_ok=True)

    def _store(self, url: str, source: Path, entry: Entry, check: Callable[[], None]) -> None:
        partial = self._folder / f"{secrets.token_hex(8)}{_PARTIAL}"
        try:
            with source.open("rb") as file, partial.open("xb") as target:
                target.write(entry.model_dump_json().encode() + b"\n")
                _copy(file, target, check)
            partial.replace(self._path(url))
        finally:
            partial.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                if path.name != _LOCK:
                    yield path, found.st_mtime, found.st_size

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the lock of the cache; it is released when its process ends."""
        with (self._folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _entry(self, file: BinaryIO, url: str) -> Entry | None:
        header = file.readline(_MAX_HEADER_BYTES)
        try:
            entry = Entry.model_validate_json(header)
        except ValidationError:
            entry = None
        size = os.fstat(file.fileno()).st_size - len(header)
        if entry is None or entry.size != size or entry.url_sha256 != _digest(url):
            self.drop(url)
            return None
        return entry

    def _path(self, url: str) -> Path:
        return self._folder / _digest(url)


_LOCK: Final = ".lock"


def new_entry(
    url: str, *, etag: str | None, last_modified: str | None, size: int, sha256: str
) -> Entry | None:
    """Return the entry of a fetched file, or None if its headers are not valid."""
    try:
        return Entry(
            url_sha256=_digest(url),
            etag=etag,
            last_modified=last_modified,
            size=size,
            sha256=sha256,
        )
    except ValidationError:
        return None


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _copy(file: BinaryIO, target: BinaryIO, check: Callable[[], None]) -> str:
    """Copy from the current position and return the SHA-256 of the copied bytes."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        check()
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
