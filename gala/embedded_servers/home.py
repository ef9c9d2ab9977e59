"""The folder with GALA's persistent data on a single machine."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from pathlib import Path
from typing import IO, Final

from pydantic import SecretStr

from gala.errors import Conflict, GalaError, NotFound
from gala.server_address import LOCK_FILE

_PROBE_SECONDS: Final = 0.2
"""A client that looks for the server holds the lock for a moment (gala.server_address)."""


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
        """The folder of the localfs storage provider (``STORAGE_LOCAL_ROOT``)."""
        return self.root / "storage"

    def secret(self) -> SecretStr:
        """Return the generated secret, used if ``GALA_SECRET_KEY`` is not set.

        Raises:
            NotFound: none was generated yet.
        """
        try:
            return SecretStr(self._secret_file.read_text(encoding="ascii"))
        except FileNotFoundError as error:
            raise NotFound(
                f"GALA has not been started from {self.root} yet",
                hint="start it with `gala up`, or set DATABASE_URL and GALA_SECRET_KEY",
            ) from error

    def make_secret(self) -> SecretStr:
        """Return the secret; generate it the first time. Call :meth:`claim` first."""
        if not self._secret_file.exists():
            # Renamed when complete; never readable to others.
            new = self._secret_file.with_suffix(".new")
            new.unlink(missing_ok=True)
            with open(new, "x", opener=_owner_only_opener, encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
            new.rename(self._secret_file)
        return self.secret()

    @property
    def process_lock(self) -> Path:
        """The file of the lock that all processes of this home have."""
        return self.root / "processes.lock"

    @property
    def _secret_file(self) -> Path:
        return self.root / "secret-key"

    def claim(self) -> None:
        """Create the folder and lock it against a second GALA until this process ends.

        Raises:
            Conflict: another GALA runs from this folder.
            GalaError: the folder cannot be created.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            # Others may traverse but not list it: the database's user must reach its data.
            self.root.chmod(0o711)
            self.storage_root.mkdir(mode=0o700, exist_ok=True)
            # Not "w", which would remove the URL of the GALA that holds the lock.
            lock = (self.root / LOCK_FILE).open("a", encoding="ascii")
        except OSError as error:
            raise GalaError(
                f"{self.root} cannot be used: {error.strerror}",
                hint="set GALA_HOME to the folder in which GALA is to keep its data",
            ) from error
        self._hold(lock)
        lock.truncate(0)
        self._lock = lock

    def record(self, api_url: str) -> None:
        """Let clients find the API until :meth:`release`; call :meth:`claim` first."""
        if self._lock is None:
            raise RuntimeError("the home is not claimed")
        self._lock.truncate(0)
        self._lock.write(api_url)
        self._lock.flush()

    def release(self) -> None:
        """Release the lock, so that another GALA can use the folder."""
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def _hold(self, lock: IO[str]) -> None:
        deadline = time.monotonic() + _PROBE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    lock.close()
                    raise Conflict(
                        f"GALA is already running from {self.root}",
                        hint="stop it, or set GALA_HOME (and API_PORT, SWAGGER_PORT,"
                        " RENDERER_PORT)",
                    ) from error
                time.sleep(0.01)
            else:
                return


def _owner_only_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
