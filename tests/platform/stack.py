"""The real processes of GALA, for tests to kill, pause and restart.

The fixture ``make_stack`` is a function that returns a :class:`Stack`::

    def test_something(make_stack):
        stack = make_stack(WORKER_LEASE_SECONDS="2")      # env of all processes; not started yet
        stack.start()                                      # all but Swagger, ready
        job = stack.client.submit(name="hello", params={"text": "hi"})
        stack.kill("worker-batch-1")                       # also: kill_tree, pause, resume, stop
        stack.start("worker-batch-1")                      # a killed one, again
        assert "cleanup ok" in stack.log("worker-batch-1")

No process is restarted automatically. By default the stack uses a fresh database and a logical
Redis database of the shared servers; pass ``database_url`` and ``redis_url`` for others
(``own_postgres``, ``own_valkey``), ``slots={Lane.BATCH: 2}`` for other workers.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import pytest

from gala.job import Lane
from gala.supervisor import Process, free_port
from gala.supervisor.stack import Stack as ServiceStack

if TYPE_CHECKING:
    from gala.client import GalaClient


SWAGGER = "swagger"
"""Started only by its own tests, as it takes longest to start."""

_NO_WEIGHTS = str(Path(gettempdir()) / f"gala-tests-{os.getpid()}-no-weights")
"""A path of this process alone: a server with these variables may download weights into it."""

SECRET_KEY = "a secret that only these tests sign with"


def environment(**env: str) -> dict[str, str]:
    """Return this process's environment with these variables added.

    No cache: a repeated request would test nothing. No rate limits, except in their own tests:
    tests send many requests, and many that are refused. Not the weights of this machine's GALA.
    """
    ours = {
        "GALA_WEIGHTS_DIR": _NO_WEIGHTS,
        "RENDERER_CACHE_BYTES": "0",
        "GALA_SECRET_KEY": SECRET_KEY,
        "RATE_LIMIT": "off",
        "RATE_LIMIT_UNAUTHENTICATED": "off",
    }
    return {**os.environ, **ours, **env}


class Stack:
    """Renderer, API, Swagger UI and workers, each a real process with a name."""

    def __init__(self, services: ServiceStack):
        self.services = services
        services.prepare()
        stages = services.stages()
        self._processes = {p.name: Process(p) for stage in stages for p in stage}

    @property
    def base_url(self) -> str:
        """The URL of the API."""
        return self.services.api_url

    @cached_property
    def client(self) -> GalaClient:
        """A client of the API."""
        from gala.client import GalaClient

        return GalaClient(self.base_url)

    @property
    def names(self) -> list[str]:
        """The names of all processes, in the order in which they start."""
        return list(self._processes)

    def process(self, name: str) -> Process:
        """Return one process, e.g. for its pid or its descendants."""
        return self._processes[name]

    def start(self, *names: str) -> None:
        """Start these, or all except Swagger UI, and wait until they are ready."""
        usual = [name for name in self.names if name != SWAGGER]
        chosen = [self._processes[name] for name in names or usual]
        for process in chosen:
            process.start()
        for process in chosen:
            process.wait_ready(60)

    def add_worker(self, lane: Lane) -> str:
        """Start one more worker for a lane and return its name."""
        slots = {**self.services.slots, lane: self.services.slots.get(lane, 0) + 1}
        self.services = replace(self.services, slots=slots)
        program = next(p for p in self.services.workers() if p.name not in self._processes)
        self._processes[program.name] = Process(program)
        self.start(program.name)
        return program.name

    def kill(self, name: str) -> None:
        """Send SIGKILL to the process without its descendants."""
        self._processes[name].send(signal.SIGKILL)
        self._processes[name].wait_ended(5)

    def kill_tree(self, name: str) -> None:
        """Kill the process and all its descendants."""
        self._processes[name].kill()

    def kill_all(self) -> None:
        """Kill all running processes and their descendants, the last started first."""
        for process in reversed(self._processes.values()):
            if process.running:
                process.kill()

    def pause(self, name: str) -> None:
        """Send SIGSTOP to the process and all its descendants."""
        self._processes[name].send_tree(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Send SIGCONT to the process and all its descendants."""
        self._processes[name].send_tree(signal.SIGCONT)

    def stop(self, name: str) -> None:
        """Stop it as the supervisor does: SIGTERM, then SIGKILL after its grace period."""
        self._processes[name].stop()

    def restart(self, name: str) -> None:
        """Stop the process and start it again."""
        self.stop(name)
        self.start(name)

    def log(self, name: str) -> str:
        """Return the last 200 lines of its output."""
        return "\n".join(self._processes[name].tail)

    def close(self) -> None:
        """Stop all processes, the last started first."""
        for process in reversed(self._processes.values()):
            if process.running:
                self.resume(process.name)
                process.request_stop()
        for process in self._processes.values():
            if process.running:
                process.end()


def stack_in(
    root: Path, database_url: str, redis_url: str, slots: Mapping[Lane, int], **env: str
) -> Stack:
    """Return a stack with its files under ``root``; no process is started."""
    return Stack(
        ServiceStack(
            database_url=database_url,
            redis_url=redis_url,
            data_root=root / "data",
            storage_root=root / "storage",
            api_port=free_port(),
            swagger_port=free_port(),
            renderer_port=free_port(),
            slots=slots,
            environment=environment(**env),
        )
    )


@pytest.fixture
def make_stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Creates stacks; see the module. The report of a failed test includes their logs."""
    made: list[Stack] = []

    def make(
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        slots: Mapping[Lane, int] | None = None,
        **env: str,
    ) -> Stack:
        services = ServiceStack(
            database_url=database_url or request.getfixturevalue("database_url"),
            redis_url=redis_url or request.getfixturevalue("redis_url"),
            data_root=tmp_path / "data",
            storage_root=tmp_path / "storage",
            api_port=free_port(),
            swagger_port=free_port(),
            renderer_port=free_port(),
            slots=slots or {Lane.BATCH: 1, Lane.INTERACTIVE: 1},
            environment=environment(**env),
        )
        made.append(Stack(services))
        return made[-1]

    yield make
    for stack in made:
        stack.close()
        for name in stack.names:
            print(f"--- {name}\n{stack.log(name)}")
