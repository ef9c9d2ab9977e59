"""httpcore's network, guarded: connects to vouched-for addresses only and never waits for long."""

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
from gala_worker.http_fetch.watchdog import SLICE_SECONDS, Watch

T = TypeVar("T")

_MAX_HEAD_BYTES: Final = 256 * 1024
"""What may come before an answer's body begins, informational answers included."""
_CONNECT_SECONDS: Final = 5.0
"""For one address; then the name's next one is tried."""


class GuardedBackend(httpcore.NetworkBackend):
    """The network for one hop: one name, resolved once."""

    def __init__(self, guard: Guard, url: WebUrl, watch: Watch):
        self._guard = guard
        self._url = url
        self._watch = watch
        self.stream: Stream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the very addresses that were checked. Raises UrlRefused."""
        # The Watch minds the time; there are neither local addresses nor options here.
        del host, timeout, local_address, socket_options
        addresses = _aside(lambda: self._guard.addresses(self._url), self._watch)
        self.stream = Stream(_connected(addresses, port, self._watch), self._watch)
        return self.stream


class Stream(httpcore.NetworkStream):
    """A connection whose waiting is cut into slices, between which the Watch looks up."""

    def __init__(self, connection: socket.socket, watch: Watch):
        self._connection = connection
        self._watch = watch
        self._room: int | None = _MAX_HEAD_BYTES
        connection.settimeout(SLICE_SECONDS)

    def body_begins(self) -> None:
        """The head has come; from now on the receiver counts."""
        self._room = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, as soon as there are any; none at the end."""
        del timeout
        with _told(httpcore.ReadError):
            chunk = self._insist(lambda: self._connection.recv(max_bytes))
        self._watch.received(len(chunk))
        if self._room is not None:
            self._room -= len(chunk)
            if self._room < 0:
                raise httpcore.RemoteProtocolError("endless headers")
        return chunk

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        del timeout
        rest = memoryview(buffer)
        with _told(httpcore.WriteError):
            while rest:
                sent = self._insist(partial(self._connection.send, rest))
                self._watch.received(sent)
                rest = rest[sent:]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands; the certificate has to be the name's."""
        del timeout
        with _told(httpcore.ConnectError):
            secured = ssl_context.wrap_socket(
                self._connection, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._connection = secured
            secured.settimeout(SLICE_SECONDS)
            self._insist(secured.do_handshake)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for: nothing that matters to connections used once."""
        return self._connection if info == "socket" else None

    def _insist(self, do: Callable[[], T]) -> T:
        while True:
            self._watch.look()
            with suppress(TimeoutError):
                return do()


@cache
def tls() -> ssl.SSLContext:
    """The machine's own trust; read once, when it is first needed."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _told(kind: type[httpcore.NetworkError]) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise FetchFailed(
            f"The server's certificate does not hold: {error.verify_message}.", rule="certificate"
        ) from error
    except (OSError, ValueError) as error:
        raise kind(type(error).__name__) from error


def _aside(do: Callable[[], T], watch: Watch) -> T:
    """Do it in a thread of its own: a resolver may take half a minute and hears nobody."""
    results: list[T] = []
    errors: list[GalaError] = []

    def work() -> None:
        try:
            results.append(do())
        except GalaError as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="resolve", daemon=True)
    thread.start()
    while thread.is_alive():
        watch.look()
        thread.join(SLICE_SECONDS)
    if errors:
        raise errors[0]
    if not results:
        raise httpcore.ConnectError("the resolver failed")
    return results[0]


def _connected(addresses: Sequence[Address], port: int, watch: Watch) -> socket.socket:
    failed: httpcore.ConnectError | None = None
    for address in addresses:
        try:
            with _told(httpcore.ConnectError):
                return _connect(address, port, watch)
        except httpcore.ConnectError as error:
            failed = error
    raise failed or httpcore.ConnectError("no address")


def _connect(address: Address, port: int, watch: Watch) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        number = connection.connect_ex((str(address), port))
        _finish(connection, number, watch)
    except BaseException:
        connection.close()
        raise
    return connection


def _finish(connection: socket.socket, number: int, watch: Watch) -> None:
    if number == errno.EINPROGRESS:
        number = _outcome(connection, watch)
    if number:
        raise OSError(number, os.strerror(number))


def _outcome(connection: socket.socket, watch: Watch) -> int:
    give_up = time.monotonic() + _CONNECT_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while not selector.select(SLICE_SECONDS):
            watch.look()
            if time.monotonic() > give_up:
                return errno.ETIMEDOUT
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
