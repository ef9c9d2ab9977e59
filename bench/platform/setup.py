"""Setup of the platform benchmark: GALA's processes on embedded servers, in a private folder."""

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
class Bench:
    """The running processes except workers; ``client`` is connected to the API."""

    folder: Path
    services: Stack
    client: httpx.Client
    spare_redis_url: str
    """Another database of the same Valkey, for the reference."""
    _supervisor: Supervisor

    def api(self) -> list[psutil.Process]:
        """The API's processes."""
        return self._supervisor.process("api").tree()

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """Run one worker process for the batch lane."""
        with running(self.services.workers()[0]) as process:
            wait_until(lambda: any("worker ready" in line for line in process.tail))
            yield process

    def submit(self, **job: Any) -> None:
        """Submit a job."""
        self.client.post("/jobs", json=job).raise_for_status()

    def run(self, **job: Any) -> dict[str, Any]:
        """Submit a job and wait until it is DONE."""
        job_state = _job(self.client.post("/jobs", json=job, headers=_WAITING))
        while job_state["status"] in LIVE:
            job_state = _job(self.client.get(f"/jobs/{job_state['id']}", headers=_WAITING))
        if job_state["status"] != JobStatus.DONE:
            raise RuntimeError(f"the job is {job_state['status']}: {job_state['error']}")
        return job_state


def _job(response: httpx.Response) -> dict[str, Any]:
    job: dict[str, Any] = response.raise_for_status().json()["job"]
    return job


@contextmanager
def start_bench(folder: Path, **environment: str) -> Iterator[Bench]:
    """Start the processes on free ports, as durable as in production; stop them afterwards.

    ``environment`` is added to the environment of the processes.
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
        yield Bench(folder, services, client, valkey.url(1), supervisor)


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # As in .env.example; the no-op render type is in a distribution of the tests.
    return inherited | {"WORKER_CLEANUP_LOCAL": "1", "PYTHONPATH": str(plugins.FOLDER)}


@contextmanager
def running(program: Program) -> Iterator[Process]:
    """Run the program as a process; stop it at the end."""
    process = Process(program)
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """Create a temporary folder that other users may traverse, as Postgres must."""
    folder = Path(tempfile.mkdtemp(prefix="gala-bench-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(condition: Callable[[], bool], *, timeout_seconds: float = 60.0) -> None:
    """Poll until the condition is true, with pauses because polls disturb the measurement."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the condition was not met within {timeout_seconds:g} s")
        time.sleep(POLL_SECONDS)
