"""``gala up`` for the benchmark: the same processes, restarted sooner, in a private folder.

``python -m bench.reliability.machine`` is the supervisor, which the benchmark kills, too. It counts
an end as the first one if the program ran for two seconds: with 500 kills in a row, the usual
minute would measure the pauses between restarts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from bench.platform.setup import wait_until
from gala.embedded_servers import Postgres
from gala.embedded_servers.valkey import HOST
from gala.supervisor import free_port
from tests.fakes import plugins

STEADY_SECONDS = 2.0
START_SECONDS = 120.0

SETTINGS = {
    "WORKER_LEASE_SECONDS": "3",
    "WORKER_SWEEP_SECONDS": "0.5",
    "WORKER_BACKOFF_SECONDS": "0.1",
    "WORKER_SHUTDOWN_SECONDS": "2",
    "WORKER_CLEANUP_LOCAL": "1",
    # A job may be hit again and again by chance; the usual three would be taken for poison.
    "WORKER_MAX_CRASHES": "30",
    "WORKER_MAX_FAILURES": "30",
    "RENDERER_CACHE_BYTES": "0",
    "RATE_LIMIT": "off",
}
"""As in production, with shorter times."""


class Machine:
    """The supervisor's process and what it runs; ``log`` has all their output."""

    def __init__(self, folder: Path, **settings: str):
        self.folder = folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir(mode=0o711)
        self.log = folder / "log"
        ports = {name: str(free_port()) for name in ("API_PORT", "SWAGGER_PORT", "RENDERER_PORT")}
        self.api_url = f"http://127.0.0.1:{ports['API_PORT']}"
        self.renderer_url = f"http://127.0.0.1:{ports['RENDERER_PORT']}"
        inherited = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        # On its path: the render types of the tests, and this package.
        path = os.pathsep.join([str(plugins.FOLDER), str(Path(__file__).parents[2])])
        self._environment = {
            **inherited,
            **SETTINGS,
            **ports,
            **settings,
            "GALA_HOME": str(folder),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": path,
        }
        url = Postgres(folder / "postgres").url()
        self.engine: Engine = create_engine(url, poolclass=NullPool)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def supervisor(self) -> psutil.Process:
        """The supervisor's process."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def redis_url(self) -> str:
        """The URL of Valkey, which has another port and password after each start of GALA."""
        lines = (self.folder / "valkey" / "valkey.conf").read_text().splitlines()
        settings = dict(line.split(" ", 1) for line in lines)
        return f"redis://:{settings['requirepass']}@{HOST}:{settings['port']}/0"

    def start(self) -> None:
        """Start the supervisor and return at once."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.reliability.machine"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def keep_running(self) -> None:
        """Start the supervisor again if it has ended, as the operator's service manager does."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def wait_ready(self) -> None:
        """Wait until the API answers and a worker has connected."""

        def ready() -> bool:
            self.keep_running()
            return answers(f"{self.api_url}/readyz") and "worker ready" in self.log.read_text()

        wait_until(ready, timeout_seconds=START_SECONDS)

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
        self.engine.dispose()

    def processes(self) -> list[psutil.Process]:
        """Return all running processes that were started for this folder."""
        marker = f"GALA_HOME={self.folder}"
        return [one for one in psutil.process_iter() if marker in _environment_of(one)]


def answers(url: str) -> bool:
    """Return True if ``GET url`` succeeds within two seconds."""
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=2, trust_env=False).is_success
    return False


def _environment_of(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return [f"{name}={value}" for name, value in process.environ().items()]
    return []


def main() -> None:
    """Run all services until SIGTERM."""
    from gala.cli.local_stack import LocalStack
    from gala.cli.settings import environment, read_settings
    from gala.errors import GalaError
    from gala.supervisor import supervisor

    supervisor.STEADY_SECONDS = STEADY_SECONDS  # type: ignore[misc]
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())

    def show(name: str, line: str) -> None:
        print(f"{time.time():.2f} {name}: {line}", flush=True)

    try:
        with LocalStack(read_settings(), environment(), sink=show):
            stopping.wait()
    except GalaError as error:
        # The processes of a killed supervisor may still be ending; its successor tries again.
        sys.exit(f"{time.time():.2f} gala: {error.message} {error.details}")


if __name__ == "__main__":
    main()
