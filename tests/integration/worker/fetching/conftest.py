"""Servers on this machine: one that may be fetched from, and a canary that may not.

The canary has the same port on another loopback address. The usual port of ``http`` is theirs here,
so that URLs without a port lead to them, and no rule but the one about addresses keeps anyone off.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gala.net.ssrf_guard import Guard
from gala.net.urls import DEFAULT_PORTS, AllowedHosts
from gala_worker.http_fetch.etag_cache import Cache
from gala_worker.http_fetch.fetcher import Fetcher, FetchLimits
from tests.fakes.http import Handler, served

OUTSIDE, INSIDE = "127.0.0.1", "127.0.0.2"
PUBLIC = AllowedHosts.parse([f"{OUTSIDE}/32"])
"""The address that represents the public internet."""

Respond = Callable[[Handler], None]


class Site:
    """A server with answers set by the test; it records its requests."""

    def __init__(self) -> None:
        self.pages: dict[str, Respond] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    def page(self, path: str, respond: Respond) -> str:
        """Set the answer of a path; return its URL."""
        self.pages[path] = respond
        return f"{self.url}{path}"

    def file(self, path: str, body: bytes, **headers: str) -> str:
        """Serve a file at this path; return its URL."""
        return self.page(path, lambda ask: ask.answer(200, body, **headers))

    def leads(self, path: str, location: str, status: int = 302) -> str:
        """Serve a redirect at this path; return its URL."""
        return self.page(path, lambda ask: ask.answer(status, Location=location))

    @property
    def port(self) -> int:
        """The URL of the server."""
        port = urlsplit(self.url).port
        assert port is not None
        return port


def _missing(ask: Handler) -> None:
    ask.answer(404)


@pytest.fixture
def site() -> Iterator[Site]:
    """The server that may be fetched from."""
    made = Site()

    class SiteHandler(Handler):
        def do_GET(self) -> None:  # noqa: N802
            made.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            made.pages.get(self.path, _missing)(self)
            self.close_connection = True

        def do_POST(self) -> None:  # noqa: N802
            self.body = self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

    with served(SiteHandler) as made.url:
        yield made


class Canary:
    """Counts connections; there should be none."""

    def __init__(self, port: int):
        self.connections = 0
        self.port = port
        self._listening = [socket.create_server((INSIDE, port))]
        with suppress(OSError):
            self._listening.append(socket.create_server(("::1", port), family=socket.AF_INET6))
        for server in self._listening:
            threading.Thread(target=self._count, args=(server,), daemon=True).start()

    def _count(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                self.connections += 1
                connection.close()

    def close(self) -> None:
        """Stop listening."""
        for server in self._listening:
            server.shutdown(socket.SHUT_RDWR)
            server.close()


@pytest.fixture
def canary(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    """The server on the internal address; see the module."""
    monkeypatch.setitem(DEFAULT_PORTS, "http", site.port)
    made = Canary(site.port)
    yield made
    made.close()


class Resolver:
    """A resolver with answers set by the test, used in order; counts the lookups."""

    def __init__(self, *answers: Sequence[str]):
        self.answers = list(answers)
        self.hosts: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer; the last one repeats."""
        del port
        self.hosts.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


MakeFetcher = Callable[..., Fetcher]


@pytest.fixture
def make_fetcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFetcher:
    """Creates fetchers; by default one that reaches the site and stores no progress."""
    monkeypatch.setattr("gala_worker.http_fetch.fetcher._PAUSE_SECONDS", 0.01)

    def make(
        *,
        allowed: AllowedHosts = PUBLIC,
        resolve: Callable[[str, int], Sequence[str]] | None = None,
        cache_bytes: int = 0,
        max_bytes: int = 1 << 20,
        seconds: float = 20,
        quiet_seconds: float = 10,
    ) -> Fetcher:
        guard = Guard(allowed, resolve) if resolve else Guard(allowed)
        limits = FetchLimits(max_bytes=max_bytes, seconds=seconds, quiet_seconds=quiet_seconds)
        return Fetcher(guard, limits, Cache(tmp_path / "fetched", cache_bytes))

    return make
