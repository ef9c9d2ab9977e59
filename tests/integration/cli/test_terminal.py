"""A terminal that is closed, and streams that never were open."""

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
_OWN_TERMINAL = """
import fcntl, runpy, termios
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
class Server:
    """One job that runs until it is cancelled; what was asked for is in ``asked``."""

    asked: list[str] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def serving() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told.asked.append(f"{self.command} {self.path}")
            if self.path.endswith("/cancel"):
                told.cancelled.set()
            status = "CANCELLED" if told.cancelled.is_set() else "RUNNING"
            content = json.dumps({"job": JOB | {"status": status}}).encode()
            if self.path.endswith("/events"):
                content = b'event: progress\ndata: {"phase": "[/bold]", "progress": 0.4}\n\n'
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
            if self.path.endswith("/events"):
                told.cancelled.wait(60)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        told.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield told
        finally:
            told.cancelled.set()
            server.shutdown()
            thread.join()


def in_a_terminal(folder: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """The command, with a terminal of its own, and that terminal's other end."""
    ours, theirs = pty.openpty()

    process = subprocess.Popen(
        [sys.executable, "-c", _OWN_TERMINAL, *arguments],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


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
            # What a server calls its step is no markup of ours.
            shown_until(terminal, b"[/bold]")
            os.close(terminal)
            assert process.wait(60) == 129
        finally:
            process.kill()
            process.wait()
        assert f"POST /jobs/{JOB['id']}/cancel" in server.asked
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
