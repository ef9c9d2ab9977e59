"""Files of uploads that are not stored yet: ``<DATA_ROOT>/uploads/upload-*``.

The process that receives an upload holds a lock on its file (``flock``). The system releases the
lock when the process ends in whatever way, so a file that can be locked is abandoned.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

PREFIX: Final = "upload-"
UNLOCKABLE_SECONDS: Final = 24 * 3600.0
"""The age at which a file is removed where the file system has no locks."""


def uploads_folder(data_root: Path) -> Path:
    """Return the folder of uploads under ``DATA_ROOT``."""
    return data_root / "uploads"


def create_upload(folder: Path) -> tuple[int, Path]:
    """Create a private file; return its descriptor, which holds the lock until closed, and path."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
        # Where the file system has no locks, the file's age protects it.
        with suppress(OSError):
            _lock(descriptor, wait=True)
        # Between creation and lock, another process may have taken the file for abandoned.
        if os.fstat(descriptor).st_nlink:
            return descriptor, Path(name)
        os.close(descriptor)


def remove_abandoned_uploads(folder: Path) -> int:
    """Delete the files whose processes have ended, and return how many."""
    return sum(_remove_if_abandoned(path) for path in folder.glob(f"{PREFIX}*"))


def _remove_if_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        if _abandoned(descriptor):
            path.unlink(missing_ok=True)
            return True
    finally:
        os.close(descriptor)
    return False


def _abandoned(descriptor: int) -> bool:
    try:
        _lock(descriptor, wait=False)
    except BlockingIOError:
        return False
    except OSError:
        return time.time() - os.fstat(descriptor).st_mtime > UNLOCKABLE_SECONDS
    return True


def _lock(descriptor: int, *, wait: bool) -> None:
    """Lock the open file. Raise BlockingIOError if another has it, OSError if it has no locks."""
    if sys.platform == "win32":
        raise OSError("no flock on Windows")
    import fcntl  # noqa: PLC0415 - Windows does not have it

    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
