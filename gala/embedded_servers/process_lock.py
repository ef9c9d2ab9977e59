"""A lock that is held until the last process of a GALA has ended.

The processes inherit the open file, and the lock with it. So the processes of a supervisor that was
killed hold it while they end, and the next supervisor knows how long to wait.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from gala.errors import Conflict

WAIT_SECONDS: Final = 40.0
"""Longer than any process takes to end by itself: a worker finishes its job or returns it."""
_POLL_SECONDS: Final = 0.1


class ProcessLock:
    """The lock of the processes that run from one home."""

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS):
        self._path = path
        self._wait_seconds = wait_seconds
        self._file: IO[bytes] | None = None

    def acquire(self, on_wait: Callable[[], None]) -> int:
        """Return the file descriptor that the processes must inherit.

        If processes of an earlier GALA hold the lock, call ``on_wait`` and wait for their end.
        Raise Conflict if they take longer than ``wait_seconds``.
        """
        self._file = self._path.open("ab")
        if not self._try():
            on_wait()
            self._wait()
        return self._file.fileno()

    def release(self) -> None:
        """Close the file; the lock lasts as long as a process has it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _try(self) -> bool:
        assert self._file is not None  # noqa: S101 - set by acquire
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(self) -> None:
        deadline = time.monotonic() + self._wait_seconds
        while not self._try():
            if time.monotonic() > deadline:
                self.release()
                pids = " ".join(str(pid) for pid in self._holders())
                raise Conflict(
                    f"processes of an earlier GALA still run from {self._path.parent}: {pids}",
                    hint=f"end them: kill {pids}",
                )
            time.sleep(_POLL_SECONDS)

    def _holders(self) -> list[int]:
        """Return the ids of the processes that have the file open."""
        import psutil  # noqa: PLC0415 - not every installation that imports this package has it

        found = []
        for process in psutil.process_iter():
            # It may have ended, or be another user's.
            with suppress(psutil.Error):
                if any(file.path == str(self._path) for file in process.open_files()):
                    found.append(process.pid)
        return found
