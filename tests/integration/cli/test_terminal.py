"""Terminals that are closed, and standard streams that are closed from the start."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

GALA = (sys.executable, "-m", "gala.cli")
# Tests under `nohup` inherit an ignored SIGHUP. The command respects that and would continue
# after its terminal was closed, so the default of an interactive shell is restored.
_OWN_TERMINAL = """
import fcntl, runpy, signal, termios
signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("gala.cli", run_name="__main__")
"""
JOB = {
    "id": "job_01JD3Z4V8QJ6X2M0T5B7C9D1EF",
    "type": "tts",
    "phase": "rendering",
    "progress": 0.0,
    "attempt": 1,
    "created_at": "2026-01-01T00:00:00Z",
}


@dataclass
class FakeServer:
    """A server with one job that runs until it is cancelled; requests are in ``requests``."""

    requests: list[str] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def serving() -> Iterator[FakeServer]:
    fake = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.requests.append(f"{self.command} {self.path}")
            if self.path.endswith("/cancel"):
                fake.cancelled.set()
            status = "CANCELLED" if fake.cancelled.is_set() else "RUNNING"
            content = json.dumps({"job": JOB | {"status": status}}).encode()
            if self.path.endswith("/events"):
                content = b'event: progress\ndata: {"phase": "[/bold]", "progress": 0.4}\n\n'
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
            if self.path.endswith("/events"):
                fake.cancelled.wait(60)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield fake
        finally:
            fake.cancelled.set()
            server.shutdown()
            thread.join()


def in_a_terminal(folder: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command in a terminal of its own; return it with the other end of the terminal."""
    outer, inner = pty.openpty()

    process = subprocess.Popen(
        [sys.executable, "-c", _OWN_TERMINAL, *arguments],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    return process, outer


def shown_until(terminal: int, word: bytes) -> bytes:
    shown = b""
    while word not in shown:
        shown += os.read(terminal, 65536)
    return shown


def test_closing_the_terminal_cancels_the_job_on_the_server(tmp_path: Path) -> None:
    with serving() as server:
        process, terminal = in_a_terminal(
            tmp_path, "say", "Hi", "-o", "h.wav", "--remote", server.url
        )
        try:
            # The name of a step from the server must not be read as markup.
            shown_until(terminal, b"[/bold]")
            os.close(terminal)
            assert process.wait(60) == 129
        finally:
            process.kill()
            process.wait()
        assert f"POST /jobs/{JOB['id']}/cancel" in server.requests
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("say - -o x.wav <&-", 2),
        ("say Hi --engine espeak -o - >&-", 2),
        ("--version >&-", 0),
        ("--version 2>&- >/dev/full", 1),
    ],
)
def test_a_stream_that_is_closed_is_no_crash(command: str, code: int, tmp_path: Path) -> None:
    ended = subprocess.run(
        f"{shlex.join(GALA)} {command}",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
