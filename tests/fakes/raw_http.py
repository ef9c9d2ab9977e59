"""Raw HTTP, for requests that no HTTP client sends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

BOUNDARY = "x-boundary"


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """Connect to the server of the URL; close at the end, even with unread data."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        yield connection


def get(path: str) -> bytes:
    """Return the bytes of a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post_form(path: str, *headers: str) -> bytes:
    """Return the head of a POST request with a multipart body."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        *headers,
    )
    return "\r\n".join([*lines, "", ""]).encode()


def file_part(filename: str) -> bytes:
    """Return the multipart body before the file's bytes."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{filename}"'
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode()


def end_of_form() -> bytes:
    """Return the multipart body after the file's bytes."""
    return f"\r\n--{BOUNDARY}--\r\n".encode()


def read_head(connection: socket.socket) -> tuple[str, bytes]:
    """Read the head of the answer, and the part of its body that arrived with it."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError(f"the answer ended within its head: {received!r}")
        received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def eventually(condition: Callable[[], bool], *, seconds: float) -> float:
    """Wait for the condition and return the seconds it took; fail after the deadline."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not so after {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - started
