"""Real server processes for tests, each on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from gala.supervisor import free_port
from tests.support import http

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def granian(factory: str, *, ready: str, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """Serve ``module:factory`` with Granian; yield the base URL once ``ready`` answers."""
    port = free_port()
    command = [
        *prefix,
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory",
        "--host", "127.0.0.1", "--port", str(port), factory,
    ]  # fmt: skip
    with running(command) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for_http(url + ready, process)
        yield url


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process; at the end stop it and its descendants, and wait for it."""
    process = subprocess.Popen(command, cwd=REPOSITORY, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for_http(url: str, process: subprocess.Popen[bytes], *, seconds: float = 20.0) -> None:
    """Return when the URL answers; fail if the process ends or the timeout expires."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            http.get(url, timeout=1.0)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"{url} did not answer within {seconds} s")
