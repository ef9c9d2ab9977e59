"""The processes of GALA on one machine and their environments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gala.job import Lane
from gala.supervisor.environment import renderer_environment, swagger_environment
from gala.supervisor.program import Program, http_ready

WORKER_GRACE_SECONDS: Final = 25.0
"""Longer than a worker takes to finish its job or to return it to the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Configuration of all processes, and the programs to run with it.

    API and workers inherit ``environment``, renderer and Swagger UI the part that they need; the
    other fields override it.
    """

    database_url: str
    redis_url: str
    data_root: Path
    storage_root: Path
    host: str = "127.0.0.1"
    api_port: int = 8080
    swagger_port: int = 8081
    renderer_port: int = 9000
    media_server_port: int | None = None
    """Additional port of the API for clients of the media server."""
    slots: Mapping[Lane, int] = field(default_factory=lambda: {Lane.BATCH: 1, Lane.INTERACTIVE: 1})
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def api_url(self) -> str:
        return f"http://{self._own_host}:{self.api_port}"

    @property
    def swagger_url(self) -> str:
        return f"http://{self._own_host}:{self.swagger_port}"

    @property
    def _own_host(self) -> str:
        # A server that listens on all interfaces is reached by the loopback address.
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104

    @property
    def renderer_url(self) -> str:
        return f"http://127.0.0.1:{self.renderer_port}"

    def prepare(self) -> None:
        """Create the staging area, without which the renderer is not ready."""
        self.data_root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def stages(self) -> list[list[Program]]:
        """Return the programs in starting order: workers start last and stop first."""
        apis = [self.api(), self.swagger(), *self.media_server()]
        return [[self.renderer(), *apis], self.workers()]

    def renderer(self) -> Program:
        """Return the renderer; its environment has no database, Redis or credentials."""
        ready = http_ready(f"{self.renderer_url}/readyz")
        return _module("renderer", "gala_renderer", renderer_environment(self._env()), ready)

    def api(self) -> Program:
        """Return the HTTP API."""
        return _module("api", "gala_api", self._env(), http_ready(f"{self.api_url}/readyz"))

    def swagger(self) -> Program:
        """Return the Swagger UI; it has no credentials either."""
        ready = http_ready(f"{self.swagger_url}/")
        return _module("swagger", "gala_api.swagger_ui", swagger_environment(self._env()), ready)

    def media_server(self) -> list[Program]:
        """Return the API on the media server's port, if one is set."""
        if self.media_server_port is None:
            return []
        env = self._env() | {"API_PORT": str(self.media_server_port)}
        ready = http_ready(f"http://{self._own_host}:{self.media_server_port}/readyz")
        return [_module("media-server", "gala_api", env, ready)]

    def workers(self) -> list[Program]:
        """Return one program per slot, named ``worker-<lane>-<n>``."""
        return [
            Program(
                name=f"worker-{lane}-{number}",
                argv=(sys.executable, "-m", "gala_worker"),
                env=self._env() | {"WORKER_LANE": str(lane)},
                grace_seconds=WORKER_GRACE_SECONDS,
            )
            for lane, count in self.slots.items()
            for number in range(1, count + 1)
        ]

    def _env(self) -> dict[str, str]:
        origins = [f"http://{host}:{self.swagger_port}" for host in ("localhost", "127.0.0.1")]
        defaults = {"STORAGE_PROVIDER": "localfs", "CORS_ALLOWED_ORIGINS": ",".join(origins)}
        overrides = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DATA_ROOT": str(self.data_root),
            "STORAGE_LOCAL_ROOT": str(self.storage_root),
            "API_HOST": self.host,
            "API_PORT": str(self.api_port),
            "SWAGGER_HOST": self.host,
            "SWAGGER_PORT": str(self.swagger_port),
            "RENDERER_PORT": str(self.renderer_port),
            "RENDERER_HTTP_BASEURL": self.renderer_url,
            "PYTHONUNBUFFERED": "1",
        }
        return defaults | dict(self.environment) | overrides


def _module(
    name: str, module: str, env: Mapping[str, str], is_ready: Callable[[], bool]
) -> Program:
    return Program(name=name, argv=(sys.executable, "-m", module), env=env, is_ready=is_ready)
