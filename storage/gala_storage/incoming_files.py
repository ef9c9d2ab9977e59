"""Files of a folder that are still written, each locked by its process (``flock``).

The system releases the lock when the process ends in whatever way, so a file that can be locked is
abandoned.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

_IDLE_SECONDS: Final = 60.0
"""A file that was written to later stays, because another machine's lock may not be seen here."""
_UNLOCKABLE_SECONDS: Final = 24 * 3600.0
"""The age at which a file is removed where the file system has no locks."""


@contextmanager
def incoming_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a new file, open for writing, and its path, which is removed afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    file, path = _create(folder)
    try:
        with file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def remove_abandoned(folder: Path) -> None:
    """Remove the files whose processes have ended; what cannot be removed stays."""
    with suppress(OSError):
        for path in folder.iterdir():
            _remove_if_abandoned(path)


def _create(folder: Path) -> tuple[BinaryIO, Path]:
    while True:
        path = folder / uuid4().hex
        file = path.open("xb")
        # Where the file system has no locks, the file's age protects it.
        with suppress(OSError):
            _lock(file, wait=True)
        # Between creation and lock, another process may have taken the file for abandoned.
        if os.fstat(file.fileno()).st_nlink:
            return file, path
        file.close()


def _remove_if_abandoned(path: Path) -> None:
    with suppress(OSError), path.open("r+b") as file:
        if _is_abandoned(file):
            path.unlink(missing_ok=True)


def _is_abandoned(file: BinaryIO) -> bool:
    idle = time.time() - os.fstat(file.fileno()).st_mtime
    try:
        _lock(file, wait=False)
    except BlockingIOError:
        return False
    except OSError:
        return idle > _UNLOCKABLE_SECONDS
    return idle > _IDLE_SECONDS


def _lock(file: BinaryIO, *, wait: bool) -> None:
    """Lock the file. Raise BlockingIOError if another has it, OSError if there are no locks."""
    if sys.platform == "win32":
        raise OSError("no flock on Windows")
    import fcntl  # noqa: PLC0415 - Windows does not have it

    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
