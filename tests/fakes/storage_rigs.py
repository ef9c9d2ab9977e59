"""Test rigs for every storage provider: the storage and access to what it stored."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psutil

from gala_storage import Storage, StorageSettings, StoredObject

MIB = 1024 * 1024


@dataclass(frozen=True)
class StorageRig:
    """A storage provider under test."""

    storage: Storage
    handles: Callable[[], int]
    """Connections or files that this process holds open to the rig."""
    in_memory: bool = False

    def new_key(self) -> str:
        """Reserve a key for a new name."""
        return self.storage.reserve(new_name())

    def put(self, path: Path, key: str | None = None) -> StoredObject:
        """Store a file, by default under a new key."""
        key = self.new_key() if key is None else key
        return self.storage.put(key, path, "video/mp4", name="renders/a-job/video.mp4")

    def read(self, key: str) -> bytes:
        """Return the object's bytes."""
        with self.storage.open(key) as stream:
            return b"".join(stream)


def new_name() -> str:
    """Return an object name in the worker's format."""
    job = uuid.uuid4().hex
    return f"renders/{job}/video-{sha256(job.encode()).hexdigest()}.mp4"


@lru_cache(maxsize=4)
def noise(size: int, seed: int = 0) -> bytes:
    """Return incompressible bytes, the same for the same seed."""
    return Random(seed).randbytes(size)


def file_of(folder: Path, content: bytes) -> Path:
    """Write a new file with that content."""
    path = folder / uuid.uuid4().hex
    path.write_bytes(content)
    return path


def connections_to(url: str) -> Callable[[], int]:
    """Return a function that counts this process's open connections to a server."""
    port = urlsplit(url).port
    me = psutil.Process()

    def count() -> int:
        return sum(
            1
            for one in me.net_connections("tcp")
            if one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED
        )

    return count


def open_files_under(folder: Path) -> Callable[[], int]:
    """Return a function that counts this process's open files in a folder."""
    me = psutil.Process()

    def count() -> int:
        return sum(1 for one in me.open_files() if Path(one.path).is_relative_to(folder))

    return count


def files_under(folder: Path) -> Iterator[Path]:
    """Return every file below a folder."""
    return (path for path in folder.rglob("*") if path.is_file())


def settings_of(env: dict[str, str]) -> StorageSettings:
    """Return the settings of a process with these environment variables."""
    return StorageSettings.model_validate({name.lower(): value for name, value in env.items()})
