"""Fetches what a URL names into this program's hands: public addresses only, bounded in all."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import httpcore

from gala.errors import FetchFailed, FetchInterrupted, UrlRefused
from gala.net.ssrf_guard import Guard
from gala.net.urls import AllowedHosts, WebUrl

MOST_BYTES: Final = 100 * 1024**2
_SECONDS: Final = 60.0
_QUIET_SECONDS: Final = 10.0
_MOST_REDIRECTS: Final = 5
_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TIMEOUTS: Final = {"connect": _QUIET_SECONDS, "read": _QUIET_SECONDS, "write": _QUIET_SECONDS}


async def fetch(url: str, target: Path, allowed: AllowedHosts) -> None:
    """Write what the URL names into ``target``.

    Raises ``UrlRefused`` for an address that is not fetched from, ``FetchFailed`` otherwise.
    """
    with _told():
        async with asyncio.timeout(_SECONDS):
            await _fetch(Guard(allowed), url, target)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Every failure in our own words, naming the field."""
    try:
        yield
    except (UrlRefused, FetchFailed) as error:
        details = {**error.details, "field": "url"}
        raise type(error)(f"url: {error.message}", hint=error.hint, **details) from error
    except TimeoutError as error:
        raise FetchFailed(f"url: fetching took longer than {_SECONDS:.0f} seconds.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise FetchInterrupted(f"url: the server does not answer properly: {error!r}") from error


async def _fetch(guard: Guard, text: str, target: Path) -> None:
    url = guard.url(text)
    for _ in range(_MOST_REDIRECTS + 1):
        async with _asked(guard, url) as answer:
            where = {name.lower(): value for name, value in answer.headers}.get(b"location")
            if answer.status not in _REDIRECTS or not where:
                if answer.status != _OK:
                    raise FetchFailed(f"the server answered {answer.status}.")
                await _receive(answer, target)
                return
            url = _next(guard, url, where.decode("latin-1"))
    raise FetchFailed(f"more than {_MOST_REDIRECTS} redirects.")


def _next(guard: Guard, url: WebUrl, location: str) -> WebUrl:
    """Where a redirect leads, if the guard lets it."""
    try:
        joined = urljoin(url.text, location)
    except ValueError as error:
        raise UrlRefused("A redirect leads to what is no URL.", rule="url") from error
    found = guard.url(joined)
    if url.scheme == "https" and found.scheme == "http":
        raise UrlRefused(
            "A redirect leads from https:// to http://, where anyone may change the bytes.",
            hint="If that is meant, give the http:// URL itself.",
            rule="downgrade",
        )
    return found


@contextlib.asynccontextmanager
async def _asked(guard: Guard, url: WebUrl) -> AsyncIterator[httpcore.Response]:
    """One hop over a connection of its own, to the very host that the guard has read."""
    asked = httpcore.URL(
        scheme=url.scheme.encode(),
        host=url.host.encode(),
        port=url.port,
        target=url.target.encode(),
    )
    headers = [("host", url.authority), ("accept-encoding", "identity"), ("user-agent", "gala")]
    async with (
        httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=_Guarded(guard, url)
        ) as pool,
        pool.stream("GET", asked, headers=headers, extensions={"timeout": _TIMEOUTS}) as found,
    ):
        yield found


async def _receive(answer: httpcore.Response, target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for chunk in answer.aiter_stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise FetchFailed(f"it is larger than {MOST_BYTES // 1024**2} MB.")
            file.write(chunk)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that were looked at, so that a name cannot change its mind."""

    def __init__(self, guard: Guard, url: WebUrl):
        self._guard = guard
        self._url = url
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers, if all of them may be fetched from."""
        del host
        failed: Exception = httpcore.ConnectError("no address")
        for address in await asyncio.to_thread(self._guard.addresses, self._url):
            try:
                return await self._backend.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed
