"""All servers and services of GALA on this machine, configured by the settings."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

from gala.cli.disk_check import disk_spaces
from gala.cli.settings import MachineSettings
from gala.disk_space import DiskSpace
from gala.embedded_servers import Home, Postgres, ProcessLock, Valkey
from gala.errors import Conflict, InvalidRequest, Unavailable
from gala.job import Lane
from gala.settings import default_home
from gala.supervisor import Program, Supervisor, is_free
from gala.supervisor.process import LineSink
from gala.supervisor.stack import Stack
from gala.supervisor.supervisor import SUPERVISOR

START_SECONDS = 90.0
SIGNING_KEY_VARIABLE: Final = "GALA_SECRET_KEY"
PORT_VARIABLES = ("api_port", "swagger_port", "renderer_port")


class LocalStack:
    """Servers and services that are started and stopped together; a context manager.

    With ``throwaway``, the database is faster but not safe in a power cut: for temporary data.
    ``prepare`` is called when all settings have been checked, before anything is started.
    """

    def __init__(
        self,
        settings: MachineSettings,
        environment: Mapping[str, str],
        *,
        throwaway: bool = False,
        sink: LineSink | None = None,
        prepare: Callable[[], None] | None = None,
    ):
        self._prepare = prepare
        self._settings = settings
        self._environment = environment
        self._sink = sink
        self.home = Home(settings.gala_home or default_home())
        folder = self.home.root
        self._postgres = (
            None if settings.database_url else Postgres(folder / "postgres", throwaway=throwaway)
        )
        self._valkey = None if settings.redis_url else Valkey(folder / "valkey")
        self.services = self._services()
        self._process_lock = ProcessLock(self.home.process_lock)
        self._supervisor: Supervisor | None = None

    def start(self) -> None:
        """Start everything, and return when it is ready.

        Raises:
            GalaError: something could not be started; nothing is left running.
        """
        for name, url in self._external_servers().items():
            _check_reachable(name, url)
        self.home.claim()
        try:
            lock = self._process_lock.acquire(self._report_waiting)
            self.home.record(self.services.api_url)
            _check_ports(self._settings)
            if self._prepare is not None:
                self._prepare()
            self.services = self._with_secret()
            self.services.prepare()
            stages = [self._servers(), *self.services.stages()]
            locked = [[replace(one, inherited=(lock,)) for one in stage] for stage in stages]
            self._supervisor = Supervisor(locked, sink=self._sink)
            self._supervisor.start(START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, and return when nothing is left running."""
        if self._supervisor:
            self._supervisor.stop()
        self._process_lock.release()
        self.home.release()

    def __enter__(self) -> LocalStack:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def low_disk(self) -> Mapping[Path, DiskSpace]:
        """Return the folders with so little free space that jobs wait."""
        spaces = disk_spaces(
            self._settings, data_root=self.home.data_root, storage_root=self.home.storage_root
        )
        return {folder: space for folder, space in spaces.items() if space.low}

    def _report_waiting(self) -> None:
        if self._sink is not None:
            self._sink(SUPERVISOR, "waiting until the processes of an earlier GALA have ended")

    def _external_servers(self) -> dict[str, str]:
        named = {"DATABASE_URL": self._settings.database_url, "REDIS_URL": self._settings.redis_url}
        return {name: str(url) for name, url in named.items() if url}

    def _servers(self) -> list[Program]:
        embedded = [server for server in (self._postgres, self._valkey) if server]
        for server in embedded:
            server.prepare()
        return [server.program() for server in embedded]

    def _with_secret(self) -> Stack:
        """Return the services with a signing secret: the operator's, or this home's."""
        if self._environment.get(SIGNING_KEY_VARIABLE):
            return self.services
        secret = self.home.make_secret().get_secret_value()
        return replace(
            self.services, environment={**self._environment, SIGNING_KEY_VARIABLE: secret}
        )

    def _services(self) -> Stack:
        settings = self._settings
        return Stack(
            database_url=self._postgres.url() if self._postgres else str(settings.database_url),
            redis_url=self._valkey.url() if self._valkey else str(settings.redis_url),
            data_root=settings.data_root or self.home.data_root,
            storage_root=settings.storage_local_root or self.home.storage_root,
            host=settings.api_host,
            api_port=settings.api_port,
            swagger_port=settings.swagger_port,
            renderer_port=settings.renderer_port,
            media_server_port=settings.media_server_port,
            slots={
                Lane.BATCH: settings.worker_slots_batch,
                Lane.INTERACTIVE: settings.worker_slots_interactive,
            },
            environment=self._environment,
        )


def _check_ports(settings: MachineSettings) -> None:
    names = [*PORT_VARIABLES, *(["media_server_port"] if settings.media_server_port else [])]
    if len({getattr(settings, name) for name in names}) < len(names):
        variables = ", ".join(name.upper() for name in names)
        raise InvalidRequest(f"{variables} must differ from each other")
    taken = [name for name in names if not is_free(getattr(settings, name))]
    if taken:
        ports = ", ".join(f"{name.upper()} ({getattr(settings, name)})" for name in taken)
        variables = ", ".join(name.upper() for name in taken)
        raise Conflict(
            f"these ports are in use by another program: {ports}",
            hint=f"stop that program, or set {variables} to free ports",
        )


def _check_reachable(name: str, url: str) -> None:
    """Raise ``Unavailable`` naming the variable if no server listens at the URL.

    A URL without a host means a Unix socket, which only the driver can check.
    """
    parts = urlsplit(url)
    if not parts.hostname or "host=" in parts.query:
        return
    port = parts.port or {"redis": 6379, "rediss": 6379}.get(parts.scheme, 5432)
    try:
        socket.create_connection((parts.hostname, port), timeout=5.0).close()
    except OSError as error:
        raise Unavailable(
            f"no server answers at {parts.hostname}:{port} ({name}): {error}",
            hint=f"start that server, or unset {name} to use the embedded one",
        ) from error
    if name == "REDIS_URL":
        _check_redis(url)


def _check_redis(url: str) -> None:
    # Otherwise the only symptom of a wrong password would be jobs that stay QUEUED.
    from redis import Redis, RedisError  # noqa: PLC0415 - only for an external Redis

    try:
        with Redis.from_url(url, socket_timeout=5.0) as client:
            client.ping()
    except RedisError as error:
        raise Unavailable(
            f"the server at REDIS_URL returned an error: {error}",
            hint="correct REDIS_URL, or unset it to use the embedded one",
        ) from error
