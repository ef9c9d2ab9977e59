"""HTTP by hand, for what well-behaved clients never do."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

BOUNDARY = "x-boundary"


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A connection to the server of the URL; closed at the end, whatever was read."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        yield connection


def get(path: str) -> bytes:
    """The bytes of a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post_form(path: str, *headers: str) -> bytes:
    """The head of a POST request with a multipart body."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        *headers,
    )
    return "\r\n".join([*lines, "", ""]).encode()


def file_part(filename: str) -> bytes:
    """What comes before the bytes of the file."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{filename}"'
    return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode()


def end_of_form() -> bytes:
    """What comes after the bytes of the file."""
    return f"\r\n--{BOUNDARY}--\r\n".encode()


def read_head(connection: socket.socket) -> tuple[str, bytes]:
    """The head of the answer, and what of its body came with it."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError(f"the answer ended within its head: {received!r}")
        received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def eventually(condition: Callable[[], bool], *, seconds: float) -> float:
    """Wait for the condition; gives how many seconds it took, and fails past the deadline."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"not so after {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - started
