"""Download a file from a URL: public addresses only, limited in size, time and redirects."""

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

MAX_BYTES: Final = 100 * 1024**2
_TIMEOUT_SECONDS: Final = 60.0
_IO_TIMEOUT_SECONDS: Final = 10.0
_MAX_REDIRECTS: Final = 5
_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TIMEOUTS: Final = {
    "connect": _IO_TIMEOUT_SECONDS,
    "read": _IO_TIMEOUT_SECONDS,
    "write": _IO_TIMEOUT_SECONDS,
}


async def fetch(url: str, target: Path, allowed: AllowedHosts) -> None:
    """Download the content of ``url`` to ``target``.

    Raise ``UrlRefused`` if the address must not be fetched from, and ``FetchFailed`` on any other
    failure.
    """
    with _translated_errors():
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await _fetch(Guard(allowed), url, target)


@contextlib.contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise every failure as an error of :mod:`gala.errors` that names the field ``url``."""
    try:
        yield
    except (UrlRefused, FetchFailed) as error:
        details = {**error.details, "field": "url"}
        raise type(error)(f"url: {error.message}", hint=error.hint, **details) from error
    except TimeoutError as error:
        message = f"url: The download took longer than {_TIMEOUT_SECONDS:.0f} seconds."
        raise FetchFailed(message) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise FetchInterrupted(f"url: The connection to the server failed: {error!r}") from error


async def _fetch(guard: Guard, text: str, target: Path) -> None:
    url = guard.url(text)
    for _ in range(_MAX_REDIRECTS + 1):
        async with _request(guard, url) as response:
            location = {name.lower(): value for name, value in response.headers}.get(b"location")
            if response.status not in _REDIRECTS or not location:
                if response.status != _OK:
                    raise FetchFailed(f"The server answered {response.status}.")
                await _receive(response, target)
                return
            url = _redirect_target(guard, url, location.decode("latin-1"))
    raise FetchFailed(f"The URL leads through more than {_MAX_REDIRECTS} redirects.")


def _redirect_target(guard: Guard, url: WebUrl, location: str) -> WebUrl:
    """Return the URL that a redirect leads to; raise ``UrlRefused`` if it is not allowed."""
    try:
        joined = urljoin(url.text, location)
    except ValueError as error:
        raise UrlRefused("A redirect leads to an invalid URL.", rule="url") from error
    target = guard.url(joined)
    if url.scheme == "https" and target.scheme == "http":
        raise UrlRefused(
            "A redirect leads from https:// to http://, which is not protected against changes.",
            hint="If this is intended, request the http:// URL itself.",
            rule="downgrade",
        )
    return target


@contextlib.asynccontextmanager
async def _request(guard: Guard, url: WebUrl) -> AsyncIterator[httpcore.Response]:
    """Send one request over a new connection to the host that the guard has checked."""
    target = httpcore.URL(
        scheme=url.scheme.encode(),
        host=url.host.encode(),
        port=url.port,
        target=url.target.encode(),
    )
    headers = [("host", url.authority), ("accept-encoding", "identity"), ("user-agent", "gala")]
    async with (
        httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=_GuardedBackend(guard, url)
        ) as pool,
        pool.stream("GET", target, headers=headers, extensions={"timeout": _TIMEOUTS}) as response,
    ):
        yield response


async def _receive(response: httpcore.Response, target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for chunk in response.aiter_stream():
            size += len(chunk)
            if size > MAX_BYTES:
                raise FetchFailed(f"The file is larger than {MAX_BYTES // 1024**2} MB.")
            file.write(chunk)


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only to the addresses that the guard has checked, without a second DNS lookup."""

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
        """Connect to the first address that answers; raise ``UrlRefused`` if one is not allowed."""
        del host
        last_error: Exception = httpcore.ConnectError("no address")
        for address in await asyncio.to_thread(self._guard.addresses, self._url):
            try:
                return await self._backend.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last_error = error
        raise last_error
