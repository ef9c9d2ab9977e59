"""The real processes of GALA under a test's hand.

The fixture ``make_stack`` gives a function that makes a :class:`Stack`::

    def test_something(make_stack):
        stack = make_stack(WORKER_LEASE_SECONDS="2")      # env of all processes; not started yet
        stack.start()                                      # all but Swagger, ready
        job = stack.client.submit(name="hello", params={"text": "hi"})
        stack.kill("worker-batch-1")                       # also: kill_tree, pause, resume, stop
        stack.start("worker-batch-1")                      # a killed one, again
        assert "cleanup ok" in stack.log("worker-batch-1")

Nothing is restarted by itself. By default the stack uses a fresh database and a logical Redis of
the shared servers; pass ``database_url`` and ``redis_url`` for others (``own_postgres``,
``own_valkey``), ``slots={Lane.BATCH: 2}`` for other workers.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gala.job import Lane
from gala.supervisor import Process, free_port
from gala.supervisor.stack import Stack as ServiceStack

if TYPE_CHECKING:
    from gala.client import GalaClient


SWAGGER = "swagger"
"""Nobody needs its page but the tests of it, and it takes longest to start."""

SECRET_KEY = "a secret that only these tests sign with"


def environment(**env: str) -> dict[str, str]:
    """Our own environment with these on top.

    Each render is one: a repeat answered from the cache would test nothing. Tests ask quickly, and
    are often refused: only those of rates have any.
    """
    ours = {
        "RENDERER_CACHE_BYTES": "0",
        "GALA_SECRET_KEY": SECRET_KEY,
        "RATE_LIMIT": "off",
        "RATE_LIMIT_UNAUTHENTICATED": "off",
    }
    return {**os.environ, **ours, **env}


class Stack:
    """Renderer, API, Swagger and workers, each a real process with a name."""

    def __init__(self, services: ServiceStack):
        self.services = services
        services.prepare()
        stages = services.stages()
        self._processes = {p.name: Process(p) for stage in stages for p in stage}

    @property
    def base_url(self) -> str:
        """Where the API listens."""
        return self.services.api_url

    @cached_property
    def client(self) -> GalaClient:
        """A client of the API."""
        from gala.client import GalaClient

        return GalaClient(self.base_url)

    @property
    def names(self) -> list[str]:
        """All names, in the order of starting."""
        return list(self._processes)

    def process(self, name: str) -> Process:
        """One of them, e.g. for its pid or its tree."""
        return self._processes[name]

    def start(self, *names: str) -> None:
        """Start these, or all but Swagger's page, and wait until they are ready."""
        usual = [name for name in self.names if name != SWAGGER]
        chosen = [self._processes[name] for name in names or usual]
        for process in chosen:
            process.start()
        for process in chosen:
            process.wait_ready(60)

    def add_worker(self, lane: Lane) -> str:
        """Start one more worker on a lane; its name."""
        slots = {**self.services.slots, lane: self.services.slots.get(lane, 0) + 1}
        self.services = replace(self.services, slots=slots)
        program = next(p for p in self.services.workers() if p.name not in self._processes)
        self._processes[program.name] = Process(program)
        self.start(program.name)
        return program.name

    def kill(self, name: str) -> None:
        """SIGKILL the leading process alone."""
        self._processes[name].send(signal.SIGKILL)
        self._processes[name].wait_ended(5)

    def kill_tree(self, name: str) -> None:
        """SIGKILL it with all its descendants."""
        self._processes[name].kill()

    def kill_all(self) -> None:
        """SIGKILL everything that runs, the last started first, with all descendants."""
        for process in reversed(self._processes.values()):
            if process.running:
                process.kill()

    def pause(self, name: str) -> None:
        """Freeze it with all its descendants (SIGSTOP)."""
        self._processes[name].send_tree(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a frozen one go on."""
        self._processes[name].send_tree(signal.SIGCONT)

    def stop(self, name: str) -> None:
        """Stop it as the supervisor does: SIGTERM, its time of grace, SIGKILL."""
        self._processes[name].stop()

    def restart(self, name: str) -> None:
        """Stop it and start it again."""
        self.stop(name)
        self.start(name)

    def log(self, name: str) -> str:
        """The last 200 lines of its output."""
        return "\n".join(self._processes[name].tail)

    def close(self) -> None:
        """End all of them, the last started first."""
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
    """A stack whose files lie under ``root``; nothing is started yet."""
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
    """Makes stacks; see the module. On a failure their logs are part of the report."""
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
