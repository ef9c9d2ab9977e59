"""What was fetched once, kept to be asked for by its ETag; shared by all workers of a machine.

A file for each URL: a line of JSON, then the bytes. It appears and goes as a whole.
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

_PIECE: Final = 1 << 20
_MOST_HEAD: Final = 8192
_PARTIAL: Final = ".partial"
_PARTIAL_SECONDS: Final = 3600


class Entry(BaseModel):
    """What is known of the kept bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url_sha256: str
    etag: str | None = Field(default=None, max_length=1024)
    last_modified: str | None = Field(default=None, max_length=128)
    size: int
    sha256: str

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask whether it is still the same."""
        if self.etag is not None:
            return {"if-none-match": self.etag}
        return {"if-modified-since": self.last_modified} if self.last_modified else {}


class Cache:
    """Bounded in bytes, what was used longest ago goes first. Of 0 bytes it keeps nothing."""

    def __init__(self, folder: Path, max_bytes: int):
        self._folder = folder
        self._max_bytes = max_bytes

    def find(self, url: str) -> Entry | None:
        """What is kept of this URL; a copy that is no whole one is removed."""
        with contextlib.suppress(FileNotFoundError), self._path(url).open("rb") as file:
            return self._entry(file, url)
        return None

    def copy(self, url: str, entry: Entry, to: Path, look: Callable[[], None]) -> bool:
        """Write the kept bytes to a file, if they are still those of the entry.

        A copy and no link: who changes a job's file must not change everyone's. ``look`` is called
        again and again.
        """
        try:
            with self._path(url).open("rb") as file, to.open("wb") as target:
                if self._entry(file, url) == entry and _copied(file, target, look) == entry.sha256:
                    os.utime(file.fileno())
                    return True
        except FileNotFoundError:
            return False
        log.warning("a fetched file was kept badly and is dropped")
        self._path(url).unlink(missing_ok=True)
        return False

    def keep(self, url: str, source: Path, entry: Entry, look: Callable[[], None]) -> None:
        """Keep these bytes for the URL, if there is room at all. A full disk is no failure."""
        if entry.size > self._max_bytes or not entry.conditions:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._keep(url, source, entry, look)
            self.tidy()
        except OSError as error:
            log.warning("a fetched file is not kept: %s", error)

    def drop(self, url: str) -> None:
        """Forget what is kept of this URL."""
        self._path(url).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what is too much, and what writers that died have left."""
        if not self._folder.is_dir():
            return
        with self._alone():
            room = self._max_bytes
            for path, used, size in sorted(self._files(), key=lambda file: -file[1]):
                if path.name.endswith(_PARTIAL):
                    if time.time() - used > _PARTIAL_SECONDS:
                        path.unlink(missing_ok=True)
                    continue
                room -= size
                if room < 0 or not self._max_bytes:
                    path.unlink(missing_ok=True)

    def _keep(self, url: str, source: Path, entry: Entry, look: Callable[[], None]) -> None:
        partial = self._folder / f"{secrets.token_hex(8)}{_PARTIAL}"
        try:
            with source.open("rb") as file, partial.open("xb") as target:
                target.write(entry.model_dump_json().encode() + b"\n")
                _copied(file, target, look)
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
    def _alone(self) -> Iterator[None]:
        """One process at a time decides what goes; the lock ends with its holder."""
        with (self._folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _entry(self, file: BinaryIO, url: str) -> Entry | None:
        head = file.readline(_MOST_HEAD)
        try:
            entry = Entry.model_validate_json(head)
        except ValidationError:
            entry = None
        whole = os.fstat(file.fileno()).st_size - len(head)
        if entry is None or entry.size != whole or entry.url_sha256 != _digest(url):
            self.drop(url)
            return None
        return entry

    def _path(self, url: str) -> Path:
        return self._folder / _digest(url)


_LOCK: Final = ".lock"


def new_entry(
    url: str, *, etag: str | None, last_modified: str | None, size: int, sha256: str
) -> Entry | None:
    """What to know of bytes that came from this URL; ``None`` if its server says odd things."""
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


def _copied(file: BinaryIO, target: BinaryIO, look: Callable[[], None]) -> str:
    """Copy from where the file stands; the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        look()
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()
