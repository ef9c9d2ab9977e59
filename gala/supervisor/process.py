"""A running program: its process tree, output and end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import IO

import psutil

from gala.supervisor.program import Program, ServiceFailed

LineSink = Callable[[str, str], None]
"""Receives a program's name and one line of its output."""

TAIL_LINES = 200
POLL_SECONDS = 0.02
READY_POLL_SECONDS = 0.05
KILLED_SECONDS = 5.0
"""Maximum wait for killed processes to disappear."""

_DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


class Process:
    """Runs a program in a session of its own that ends with this process; can be restarted.

    Start it from a thread that lives at least as long: Linux ends the program with the thread that
    started it.
    """

    def __init__(self, program: Program, sink: LineSink | None = None):
        self.program = program
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        """The last lines of output of all runs."""
        self._sink = sink
        self._popen: subprocess.Popen[str] | None = None
        self._pump: Thread | None = None
        self._last_tree: list[psutil.Process] = []
        self._grace_until = 0.0

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        """Id of the running (or last) process, which leads the group and session of this id."""
        if self._popen is None:
            raise ServiceFailed(f"{self.name} was not started")
        return self._popen.pid

    def start(self) -> None:
        """Start the program and return at once."""
        self._popen = subprocess.Popen(
            self._command(),
            env=self.program.env,
            cwd=self.program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            pass_fds=self.program.inherited,
        )
        self._pump = Thread(
            target=self._read, args=(self._popen.stdout,), name=f"log-{self.name}", daemon=True
        )
        self._pump.start()

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal; ``None`` while it runs.

        Once the program has ended, the rest of its process group is killed.
        """
        if self._popen is None:
            return None
        running = self._popen.returncode is None
        status = self._popen.poll()
        if running and status is not None:
            self._signal_group(signal.SIGKILL)
        return status

    @property
    def running(self) -> bool:
        return self._popen is not None and self.poll() is None

    def wait_ready(self, timeout_seconds: float = 30.0, *, give_up: Event | None = None) -> None:
        """Wait until the program is ready or ``give_up`` is set.

        Raises:
            ServiceFailed: it ended or was not ready in time; ``details`` has its last lines.
        """
        give_up = give_up or Event()
        deadline = time.monotonic() + timeout_seconds
        while not (self.running and self.program.is_ready()):
            if not self.running:
                raise self._failed(f"{self.name} ended ({self.ending()}) before it was ready")
            if time.monotonic() > deadline:
                raise self._failed(f"{self.name} was not ready after {timeout_seconds:g} s")
            if give_up.wait(READY_POLL_SECONDS):
                return

    def ending(self) -> str:
        """Return a description of how the program ended."""
        status = self.poll()
        if status is None:
            return "still running"
        if status < 0:
            return signal.Signals(-status).name
        return f"exit code {status}"

    def send(self, signum: signal.Signals) -> None:
        """Send a signal to the program's leading process only."""
        if self.running:
            os.kill(self.pid, signum)

    def send_tree(self, signum: signal.Signals) -> None:
        """Send a signal to the program and all its descendants in any process group."""
        for member in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(signum)

    def tree(self) -> list[psutil.Process]:
        """Return the program's leading process and all its running descendants."""
        try:
            leader = psutil.Process(self.pid)
            return [leader, *leader.children(recursive=True)] if self.running else []
        except psutil.NoSuchProcess:
            return []

    def request_stop(self) -> None:
        """Send the program's stop signal and return at once."""
        self._last_tree = self.tree()
        self._grace_until = time.monotonic() + self.program.grace_seconds
        self.send(self.program.stop_signal)

    def end(self) -> None:
        """Wait for the grace period after :meth:`request_stop`, then kill what is left."""
        if not self.wait_ended(self._grace_until - time.monotonic()):
            self.kill()
        _kill(self._last_tree)

    def stop(self) -> None:
        """Request the stop and wait for the end; kill the program after its grace period."""
        self.request_stop()
        self.end()

    def wait_ended(self, timeout_seconds: float) -> bool:
        """Wait for the end; return False on timeout."""
        deadline = time.monotonic() + timeout_seconds
        while self.running:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        if self._pump is not None:
            self._pump.join(timeout=1.0)
        return True

    def kill(self) -> None:
        """Kill the program and all its descendants, and wait until they have ended."""
        # Suspended first, so that no member of the tree starts another one meanwhile.
        self.send_tree(signal.SIGSTOP)
        _kill(self.tree())
        self.wait_ended(KILLED_SECONDS)

    def _command(self) -> list[str]:
        account = self.program.account
        return [
            *(sys.executable, "-I", "-S", str(_DIE_WITH_PARENT)),
            str(os.getpid()),
            str(int(self.program.stop_signal)),
            f"{account.uid}:{account.gid}" if account else "-",
            *self.program.argv,
        ]

    def _read(self, output: IO[str]) -> None:
        for line in _lines(output):
            self.tail.append(line)
            if self._sink:
                self._sink(self.name, line)

    def _signal_group(self, signum: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signum)

    def _failed(self, message: str) -> ServiceFailed:
        # The last lines of a program that has ended may still be on their way.
        self.wait_ended(0)
        return ServiceFailed(message, service=self.name, log=list(self.tail)[-40:])


def _lines(output: IO[str]) -> Iterator[str]:
    with output:
        for line in output:
            yield line.rstrip("\n")


def _kill(processes: list[psutil.Process]) -> None:
    """Kill the processes and wait until none runs any more."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait_gone(processes, KILLED_SECONDS)


def wait_gone(processes: Sequence[psutil.Process], timeout_seconds: float) -> bool:
    """Wait until none of the processes runs any more; return False on timeout."""
    deadline = time.monotonic() + timeout_seconds
    while any(_runs(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _runs(process: psutil.Process) -> bool:
    # Not psutil's wait(): it would take the exit status from Popen. A zombie that its new parent
    # has not reaped yet counts as ended.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
