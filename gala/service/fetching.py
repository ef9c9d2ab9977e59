"""Fetches what a URL names into this program's hands: public addresses only, bounded in all."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import httpcore

from gala.errors import FetchFailed, FetchInterrupted, UrlRefused
from gala.urls import AllowedHosts, web_url

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
    try:
        async with asyncio.timeout(_SECONDS), _pool(allowed) as pool:
            await _fetch(pool, url, target, allowed)
    except TimeoutError as error:
        raise FetchFailed(f"url: fetching took longer than {_SECONDS:.0f} seconds.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise FetchInterrupted(f"url: the server does not answer properly: {error!r}") from error


def _pool(allowed: AllowedHosts) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(), network_backend=_Guarded(allowed)
    )


async def _fetch(
    pool: httpcore.AsyncConnectionPool, url: str, target: Path, allowed: AllowedHosts
) -> None:
    for _ in range(_MOST_REDIRECTS + 1):
        checked = web_url(url, allowed, field="url")
        async with _asked(pool, checked.text) as answer:
            where = {name.lower(): value for name, value in answer.headers}.get(b"location")
            if answer.status in _REDIRECTS and where:
                url = urljoin(url, where.decode("latin-1"))
                continue
            if answer.status != _OK:
                raise FetchFailed(f"url: the server answered {answer.status}.", field="url")
            await _receive(answer, target)
            return
    raise FetchFailed(f"url: more than {_MOST_REDIRECTS} redirects.", field="url")


@contextlib.asynccontextmanager
async def _asked(pool: httpcore.AsyncConnectionPool, url: str) -> AsyncIterator[httpcore.Response]:
    headers = [("accept-encoding", "identity"), ("user-agent", "gala")]
    async with pool.stream("GET", url, headers=headers, extensions={"timeout": _TIMEOUTS}) as found:
        yield found


async def _receive(answer: httpcore.Response, target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        async for chunk in answer.aiter_stream():
            size += len(chunk)
            if size > MOST_BYTES:
                raise FetchFailed(
                    f"url: it is larger than {MOST_BYTES // 1024**2} MB.", field="url"
                )
            file.write(chunk)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the very address that was looked at, so that a name cannot change its mind."""

    def __init__(self, allowed: AllowedHosts):
        self._allowed = allowed
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses, if all of them may be fetched from."""
        addresses = await self._addresses(host, port)
        return await self._backend.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def _addresses(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchFailed(f"url: there is no host {host!r}.", field="url") from error
        addresses = [str(one[4][0]) for one in found]
        if not self._allowed.allow(host, port):
            for address in addresses:
                self._check(address)
        return addresses

    def _check(self, address: str) -> None:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        plain = getattr(parsed, "ipv4_mapped", None) or parsed
        public = plain.is_global and not plain.is_multicast
        if not public and not self._allowed.allow_address(plain):
            raise UrlRefused(
                "url: GALA does not fetch from local addresses.",
                hint="Allow a local host in FETCH_ALLOWED_HOSTS.",
                field="url",
                rule="address",
            )
