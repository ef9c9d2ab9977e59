"""What is killed: how to find one, how to kill it, and when all is as before."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bench.reliability.machine import Machine, answers
from gala.job import LIVE

_JOB = re.compile(r"job_[0-9A-Z]{26}")
_PROGRAMS = ("launcher.py", "ffmpeg")


@dataclass
class Kill:
    """A kill, the attempts that it hit, and how long until they were taken up again."""

    kind: str
    attempts: Mapping[str, int]
    """The number of the running attempt, by job."""
    replaced: Callable[[], bool]
    """Returns True once the killed process has a successor that works."""
    at: float = field(default_factory=time.monotonic)
    seconds: float | None = None

    def check(self, machine: Machine) -> bool:
        """Return True, and note the time, if everything goes on."""
        if not (_taken_up(machine, self.attempts) and self.replaced()):
            return False
        self.seconds = time.monotonic() - self.at
        return True


Finder = Callable[[Machine], Kill | None]


def kill_worker(machine: Machine) -> Kill | None:
    """Kill a worker with SIGKILL, a busy one if there is one."""
    running = _running(machine)
    workers = _children(machine, "gala_worker")
    busy = [one for one in workers if any(f"-{one.pid}-" in by for _, by in running.values())]
    victim = next(iter(busy or workers), None)
    if victim is None:
        return None
    hit = {job: n for job, (n, by) in running.items() if f"-{victim.pid}-" in by}
    return _killed(victim, Kill("worker", hit, lambda: _has_new(machine, "gala_worker", workers)))


def kill_renderer(machine: Machine) -> Kill | None:
    """Kill the renderer, and with it all its programs."""
    victim = next(iter(_children(machine, "gala_renderer")), None)
    if victim is None:
        return None
    ready = f"{machine.renderer_url}/readyz"
    kill = Kill("renderer", _attempts(machine), lambda: _gone(victim) and answers(ready))
    return _killed(victim, kill)


def kill_program(machine: Machine) -> Kill | None:
    """Kill FFmpeg, espeak-ng, an inspection or a model worker while it works."""
    for renderer in _children(machine, "gala_renderer"):
        with suppress(psutil.Error):
            programs = [
                one for one in renderer.children(recursive=True) if "python" not in one.name()
            ] or renderer.children(recursive=True)
            for program in programs:
                named = set(_JOB.findall(" ".join(program.cmdline()) + program.cwd()))
                hit = {job: n for job, n in _attempts(machine).items() if job in named}
                if hit:
                    return _killed(program, Kill("program", hit, lambda: True))
    return None


def kill_model_worker(machine: Machine) -> Kill | None:
    """Kill a process with a warm model, whether it works or not."""
    for renderer in _children(machine, "gala_renderer"):
        with suppress(psutil.Error):
            for program in renderer.children(recursive=True):
                if "model_workers.child" in " ".join(program.cmdline()):
                    hit = _attempts(machine, only="transcribe")
                    return _killed(program, Kill("model worker", hit, lambda: True))
    return None


def kill_api(machine: Machine) -> Kill | None:
    """Kill the API's process."""
    victim = next(iter(_children(machine, "gala_api ")), None)
    if victim is None:
        return None
    ready = f"{machine.api_url}/readyz"
    return _killed(victim, Kill("API", {}, lambda: _gone(victim) and answers(ready)))


def kill_valkey(machine: Machine) -> Kill | None:
    """Kill Valkey; the jobs that run do not need it."""
    victim = next(iter(_children(machine, "valkey")), None)
    if victim is None:
        return None
    return _killed(victim, Kill("Valkey", {}, lambda: _gone(victim) and _pings(machine)))


def kill_postgres(machine: Machine) -> Kill | None:
    """Kill PostgreSQL's first process; its others end by themselves."""
    victim = next(iter(_children(machine, "postgres -D", "postgres\0-D")), None)
    if victim is None:
        return None
    attempts = _attempts(machine)
    kill = Kill("Postgres", attempts, lambda: _gone(victim) and _serves(machine))
    return _killed(victim, kill)


def cut_connections(machine: Machine) -> Kill | None:
    """End every connection to the database."""
    attempts = _attempts(machine)
    statement = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with suppress(DBAPIError), machine.engine.connect() as connection:
        connection.execute(text(statement))
        return Kill("connections", attempts, lambda: answers(f"{machine.api_url}/readyz"))
    return None


def kill_supervisor(machine: Machine) -> Kill | None:
    """Kill the supervisor; the kernel ends all of its processes."""
    if not answers(f"{machine.api_url}/readyz") or not _children(machine, "gala_worker"):
        return None
    victim = machine.supervisor

    def replaced() -> bool:
        return answers(f"{machine.api_url}/readyz") and bool(_children(machine, "gala_worker"))

    return _killed(victim, Kill("supervisor", _attempts(machine), replaced))


KINDS: Mapping[str, tuple[Finder, int]] = {
    "program": (kill_program, 30),
    "worker": (kill_worker, 22),
    "renderer": (kill_renderer, 14),
    "api": (kill_api, 10),
    "model-worker": (kill_model_worker, 6),
    "valkey": (kill_valkey, 6),
    "connections": (cut_connections, 6),
    "postgres": (kill_postgres, 4),
    "supervisor": (kill_supervisor, 2),
}
"""Each kind with its share, in percent."""


def _killed(victim: psutil.Process, kill: Kill) -> Kill | None:
    try:
        os.kill(victim.pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    kill.at = time.monotonic()
    return kill


def _children(machine: Machine, *markers: str) -> list[psutil.Process]:
    found = []
    with suppress(psutil.Error):
        for process in machine.supervisor.children():
            with suppress(psutil.Error):
                line = " ".join(process.cmdline()) + " "
                if any(marker in line for marker in markers) and not _is_dead(process):
                    found.append(process)
    return found


def _is_dead(process: psutil.Process) -> bool:
    return process.status() == psutil.STATUS_ZOMBIE


def _has_new(machine: Machine, marker: str, before: list[psutil.Process]) -> bool:
    return bool(set(_children(machine, marker)) - set(before))


def _gone(process: psutil.Process) -> bool:
    try:
        return _is_dead(process) or not process.is_running()
    except psutil.NoSuchProcess:
        return True


def _pings(machine: Machine) -> bool:
    # Its settings are missing for a moment when the supervisor starts again.
    with suppress(redis.RedisError, OSError, KeyError):
        return bool(redis.Redis.from_url(machine.redis_url, socket_timeout=1).ping())
    return False


def _serves(machine: Machine) -> bool:
    with suppress(DBAPIError), machine.engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar_one() == 1
    return False


def _running(machine: Machine) -> dict[str, tuple[int, str]]:
    """Return the attempt and the worker of every running job."""
    statement = "SELECT id, attempt, leased_by FROM jobs WHERE status = 'RUNNING'"
    with suppress(DBAPIError), machine.engine.connect() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(text(statement))}
    return {}


def _attempts(machine: Machine, only: str | None = None) -> dict[str, int]:
    statement = "SELECT id, attempt FROM jobs WHERE status = 'RUNNING'"
    if only is not None:
        statement += f" AND type = '{only}'"
    with suppress(DBAPIError), machine.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(statement))}
    return {}


def _taken_up(machine: Machine, attempts: Mapping[str, int]) -> bool:
    """Return True if each job has ended or begun another attempt."""
    if not attempts:
        return True
    statement = text("SELECT id, attempt, status FROM jobs WHERE id = ANY(:ids)")
    with suppress(DBAPIError), machine.engine.connect() as connection:
        rows = connection.execute(statement, {"ids": list(attempts)}).all()
        return all(status not in LIVE or attempt > attempts[job] for job, attempt, status in rows)
    return False
