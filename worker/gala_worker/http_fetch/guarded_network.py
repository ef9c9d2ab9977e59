"""Network backend of httpcore that connects to checked addresses only and never blocks for long."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any, Final, TypeVar

import httpcore

from gala.errors import FetchFailed, GalaError
from gala.net.ssrf_guard import Guard
from gala.net.urls import Address, WebUrl
from gala_worker.http_fetch.watchdog import SLICE_SECONDS, Watchdog

T = TypeVar("T")

_MAX_HEAD_BYTES: Final = 256 * 1024
"""Limit of everything before the body of a response, including informational responses."""
_CONNECT_SECONDS: Final = 5.0
"""Time limit for one address; then the next address of the name is tried."""


class GuardedBackend(httpcore.NetworkBackend):
    """The network of one request: one name, resolved once."""

    def __init__(self, guard: Guard, url: WebUrl, watchdog: Watchdog):
        self._guard = guard
        self._url = url
        self._watchdog = watchdog
        self.stream: Stream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the addresses that were checked. Raises UrlRefused."""
        # The watchdog limits the time; local addresses and socket options are not used.
        del host, timeout, local_address, socket_options
        addresses = _call_in_thread(lambda: self._guard.addresses(self._url), self._watchdog)
        connection = _connect_first(addresses, port, self._watchdog)
        self.stream = Stream(connection, self._watchdog)
        return self.stream


class Stream(httpcore.NetworkStream):
    """A connection that blocks for short times only, with a check of the watchdog in between."""

    def __init__(self, connection: socket.socket, watchdog: Watchdog):
        self._connection = connection
        self._watchdog = watchdog
        self._header_bytes_left: int | None = _MAX_HEAD_BYTES
        connection.settimeout(SLICE_SECONDS)

    def begin_body(self) -> None:
        """End the limit of the headers; the caller limits the body."""
        self._header_bytes_left = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return some bytes, or none at the end."""
        del timeout
        with _translate_errors(httpcore.ReadError):
            chunk = self._retry(lambda: self._connection.recv(max_bytes))
        self._watchdog.count(len(chunk))
        if self._header_bytes_left is not None:
            self._header_bytes_left -= len(chunk)
            if self._header_bytes_left < 0:
                raise httpcore.RemoteProtocolError("endless headers")
        return chunk

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all bytes."""
        del timeout
        remaining = memoryview(buffer)
        with _translate_errors(httpcore.WriteError):
            while remaining:
                sent = self._retry(partial(self._connection.send, remaining))
                self._watchdog.count(sent)
                remaining = remaining[sent:]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Do the TLS handshake; the certificate must be valid for the host name."""
        del timeout
        with _translate_errors(httpcore.ConnectError):
            secured = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._connection = secured
            secured.settimeout(SLICE_SECONDS)
            self._retry(secured.do_handshake)
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return the socket; httpcore needs nothing else for connections that are used once."""
        return self._connection if info == "socket" else None

    def _retry(self, action: Callable[[], T]) -> T:
        while True:
            self._watchdog.check()
            with suppress(TimeoutError):
                return action()


@cache
def tls() -> ssl.SSLContext:
    """Return the context with the trusted certificates of this machine, loaded once."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _translate_errors(kind: type[httpcore.NetworkError]) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise FetchFailed(
            f"The server's certificate is not valid: {error.verify_message}.", rule="certificate"
        ) from error
    except (OSError, ValueError) as error:
        raise kind(type(error).__name__) from error


def _call_in_thread(action: Callable[[], T], watchdog: Watchdog) -> T:
    """Call in a thread, because a resolver may block for half a minute uninterruptibly."""
    results: list[T] = []
    errors: list[GalaError] = []

    def work() -> None:
        try:
            results.append(action())
        except GalaError as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="resolve", daemon=True)
    thread.start()
    while thread.is_alive():
        watchdog.check()
        thread.join(SLICE_SECONDS)
    if errors:
        raise errors[0]
    if not results:
        raise httpcore.ConnectError("the resolver failed")
    return results[0]


def _connect_first(addresses: Sequence[Address], port: int, watchdog: Watchdog) -> socket.socket:
    failed: httpcore.ConnectError | None = None
    for address in addresses:
        try:
            with _translate_errors(httpcore.ConnectError):
                return _connect(address, port, watchdog)
        except httpcore.ConnectError as error:
            failed = error
    raise failed or httpcore.ConnectError("no address")


def _connect(address: Address, port: int, watchdog: Watchdog) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        error_number = connection.connect_ex((str(address), port))
        _finish(connection, error_number, watchdog)
    except BaseException:
        connection.close()
        raise
    return connection


def _finish(connection: socket.socket, error_number: int, watchdog: Watchdog) -> None:
    if error_number == errno.EINPROGRESS:
        error_number = _wait_connected(connection, watchdog)
    if error_number:
        raise OSError(error_number, os.strerror(error_number))


def _wait_connected(connection: socket.socket, watchdog: Watchdog) -> int:
    give_up = time.monotonic() + _CONNECT_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while not selector.select(SLICE_SECONDS):
            watchdog.check()
            if time.monotonic() > give_up:
                return errno.ETIMEDOUT
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
