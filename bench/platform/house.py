"""The house to be measured: GALA's own processes on embedded servers, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from gala.embedded_servers import Postgres, Valkey
from gala.job import LIVE, JobStatus, Lane
from gala.supervisor import Process, Program, Supervisor, free_port
from gala.supervisor.stack import Stack
from tests.fakes import plugins

REPOSITORY = Path(__file__).parents[2]
REQUEST_SECONDS = 120.0
POLL_SECONDS = 0.05

_WAITING = {"Prefer": "wait=60"}


@dataclass(frozen=True, slots=True)
class House:
    """All processes but the workers, running; ``client`` speaks to the API."""

    folder: Path
    services: Stack
    client: httpx.Client
    spare_redis_url: str
    """A database of the same Valkey, for whoever else is measured on it."""
    _supervisor: Supervisor

    def api(self) -> list[psutil.Process]:
        """The API's processes."""
        return self._supervisor.process("api").tree()

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """One worker process for the batch lane, ready."""
        with running(self.services.workers()[0]) as process:
            wait_until(lambda: any("worker ready" in line for line in process.tail))
            yield process

    def submit(self, **job: Any) -> None:
        """Have a job accepted."""
        self.client.post("/jobs", json=job).raise_for_status()

    def run(self, **job: Any) -> dict[str, Any]:
        """A job that was waited for; it is DONE."""
        told = _job(self.client.post("/jobs", json=job, headers=_WAITING))
        while told["status"] in LIVE:
            told = _job(self.client.get(f"/jobs/{told['id']}", headers=_WAITING))
        if told["status"] != JobStatus.DONE:
            raise RuntimeError(f"the job is {told['status']}: {told['error']}")
        return told


def _job(response: httpx.Response) -> dict[str, Any]:
    job: dict[str, Any] = response.raise_for_status().json()["job"]
    return job


@contextmanager
def house(folder: Path, **environment: str) -> Iterator[House]:
    """Start it on free ports, as durable as in production; nothing is left running.

    ``environment`` is what its processes are told besides.
    """
    postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
    postgres.prepare()
    valkey.prepare()
    services = Stack(
        database_url=postgres.url(),
        redis_url=valkey.url(),
        data_root=folder / "data",
        storage_root=folder / "storage",
        api_port=free_port(),
        renderer_port=free_port(),
        slots={Lane.BATCH: 1},
        environment=_environment() | environment,
    )
    services.data_root.mkdir()
    stages = [[postgres.program(), valkey.program()], [services.renderer(), services.api()]]
    with (
        Supervisor(stages) as supervisor,
        httpx.Client(base_url=services.api_url, timeout=REQUEST_SECONDS, trust_env=False) as client,
    ):
        yield House(folder, services, client, valkey.url(1), supervisor)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # As .env.example has it; the no-op render comes from the tests' own distribution.
    return kept | {"WORKER_CLEANUP_LOCAL": "1", "PYTHONPATH": str(plugins.FOLDER)}


@contextmanager
def running(program: Program) -> Iterator[Process]:
    """The program as a process of its own, stopped at the end."""
    process = Process(program)
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A folder that goes when all is over; other users may pass through it, as Postgres must."""
    folder = Path(tempfile.mkdtemp(prefix="gala-bench-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(condition: Callable[[], bool], *, timeout_seconds: float = 60.0) -> None:
    """Ask now and then until it is true; asking costs those who are measured."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_seconds:g} s in vain")
        time.sleep(POLL_SECONDS)
