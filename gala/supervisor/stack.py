"""The processes that make up GALA on one machine, with the environment of each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gala.job import Lane
from gala.supervisor.program import Program, http_ready

_SECRETS: Final = (
    "DATABASE_URL",
    "REDIS_URL",
    "GALA_SECRET_KEY",
    "GALA_API_KEY",
    "JWT_",
    "GDRIVE_",
    "S3_",
    "AWS_",
    "AZURE_",
    "GCS_",
    "GOOGLE",
)
"""Beginnings of the variables that only API and workers may see."""

WORKER_GRACE_SECONDS: Final = 25.0
"""Longer than a worker itself takes to finish or to give its job back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What the processes share, and the programs made from it.

    ``environment`` is what they inherit; what is said here by name goes before it.
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
    """Where the API listens as well, for clients of the media server."""
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
        # Who listens everywhere is reached from here by the loopback address.
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104

    @property
    def renderer_url(self) -> str:
        return f"http://127.0.0.1:{self.renderer_port}"

    def prepare(self) -> None:
        """Make the staging area, without which the renderer is not ready."""
        self.data_root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def stages(self) -> list[list[Program]]:
        """The programs in the order of starting: workers come last and go first."""
        doors = [self.api(), self.swagger(), *self.media_server()]
        return [[self.renderer(), *doors], self.workers()]

    def renderer(self) -> Program:
        """The media engine; it sees neither database, Redis nor a credential."""
        ready = http_ready(f"{self.renderer_url}/readyz")
        return _module("renderer", "gala_renderer", self._plain_env(), ready)

    def api(self) -> Program:
        """The HTTP front door."""
        return _module("api", "gala_api", self._env(), http_ready(f"{self.api_url}/readyz"))

    def swagger(self) -> Program:
        """The page that shows the contract."""
        ready = http_ready(f"{self.swagger_url}/")
        return _module("swagger", "gala_api.swagger_ui", self._plain_env(), ready)

    def media_server(self) -> list[Program]:
        """The same API on the port that the media server's clients know, if one is wanted."""
        if self.media_server_port is None:
            return []
        env = self._env() | {"API_PORT": str(self.media_server_port)}
        ready = http_ready(f"http://{self._own_host}:{self.media_server_port}/readyz")
        return [_module("media-server", "gala_api", env, ready)]

    def workers(self) -> list[Program]:
        """One program a slot, ``worker-<lane>-<n>``."""
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

    def _plain_env(self) -> dict[str, str]:
        return {k: v for k, v in self._env().items() if not k.startswith(_SECRETS)}

    def _env(self) -> dict[str, str]:
        origins = [f"http://{host}:{self.swagger_port}" for host in ("localhost", "127.0.0.1")]
        defaults = {"STORAGE_PROVIDER": "localfs", "CORS_ALLOWED_ORIGINS": ",".join(origins)}
        ours = {
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
        return defaults | dict(self.environment) | ours


def _module(
    name: str, module: str, env: Mapping[str, str], is_ready: Callable[[], bool]
) -> Program:
    return Program(name=name, argv=(sys.executable, "-m", module), env=env, is_ready=is_ready)
