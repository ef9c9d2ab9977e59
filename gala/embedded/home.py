"""Where GALA keeps what must outlive its processes on a machine of one's own."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from gala.errors import Conflict, GalaError


class Home:
    """A folder with the embedded servers' data, the staging area and the local storage."""

    def __init__(self, root: Path):
        self.root = root.absolute()
        self._lock: IO[str] | None = None

    @property
    def data_root(self) -> Path:
        """The staging area (``DATA_ROOT``)."""
        return self.root / "data"

    @property
    def storage_root(self) -> Path:
        """Where localfs keeps assets (``STORAGE_LOCAL_ROOT``)."""
        return self.root / "storage"

    def claim(self) -> None:
        """Make the folder and hold it against a second GALA until we end, however we end.

        Raises:
            Conflict: another GALA runs from this folder.
            GalaError: the folder cannot be made.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            # Passing through is allowed, listing is not: the database's user must get to its data.
            self.root.chmod(0o711)
            self.storage_root.mkdir(mode=0o700, exist_ok=True)
            self._lock = (self.root / "lock").open("w")
        except OSError as error:
            raise GalaError(
                f"{self.root} cannot be used: {error.strerror}",
                hint="GALA_HOME names the folder in which GALA keeps its data",
            ) from error
        self._hold(self._lock)

    def release(self) -> None:
        """Let another GALA use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _hold(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise Conflict(
                f"GALA is already running from {self.root}",
                hint="stop it, or set GALA_HOME (and API_PORT, SWAGGER_PORT, RENDERER_PORT)",
            ) from error
