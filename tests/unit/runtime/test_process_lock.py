"""A supervisor waits until the processes of one that was killed have ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gala.embedded_servers import ProcessLock
from gala.errors import Conflict

SUPERVISOR = """
import subprocess, sys
from pathlib import Path
from gala.embedded_servers import ProcessLock
process_lock = ProcessLock(Path(sys.argv[1]))
lock = process_lock.acquire(lambda: None)
child = "print('started', flush=True); input()"
service = subprocess.Popen(
    [sys.executable, "-c", child], stdin=sys.stdin, pass_fds=(lock,), start_new_session=True
)
print(service.pid, flush=True)
service.wait()
"""


@contextmanager
def service_of_a_killed_supervisor(lock: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Give the service's id; it ends when the supervisor's standard input is closed."""
    argv = [sys.executable, "-c", SUPERVISOR, str(lock)]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as supervisor:
        assert supervisor.stdout is not None
        said = [supervisor.stdout.readline().strip() for _ in range(2)]
        supervisor.kill()
        supervisor.wait()
        yield int(next(line for line in said if line.isdigit())), supervisor


def test_the_lock_is_taken_when_the_last_process_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "processes.lock"
    waiting = threading.Event()
    with service_of_a_killed_supervisor(path) as (_, supervisor):
        assert supervisor.stdin is not None
        taken: list[int] = []
        lock = ProcessLock(path)
        thread = threading.Thread(target=lambda: taken.append(lock.acquire(waiting.set)))
        thread.start()
        assert waiting.wait(10)
        assert not taken
        supervisor.stdin.close()
        thread.join(10)
        assert taken
        lock.release()


def test_processes_that_do_not_end_are_named_with_the_command_that_ends_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "processes.lock"
    with service_of_a_killed_supervisor(path) as (pid, _):
        with pytest.raises(Conflict, match=f"still run from {tmp_path}: {pid}$") as caught:
            ProcessLock(path, wait_seconds=0).acquire(lambda: None)
        assert caught.value.hint == f"end them: kill {pid}"


def test_without_an_earlier_gala_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    lock = ProcessLock(tmp_path / "processes.lock")
    for _ in range(2):
        lock.acquire(lambda: pytest.fail("it waited"))
        lock.release()
