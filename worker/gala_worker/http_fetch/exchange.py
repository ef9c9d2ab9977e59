"""One request and its response over a new, guarded connection.

Without proxies, cookies and credentials; redirects are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpcore

from gala.net.ssrf_guard import Guard
from gala.net.urls import WebUrl
from gala_worker.http_fetch.guarded_network import GuardedBackend, tls
from gala_worker.http_fetch.watchdog import Watchdog

CONNECTION_ERRORS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
)
"""Raised if a server does not respond, or not in correct HTTP."""

_HEADERS: Final = {
    "user-agent": "GALA",
    "accept": "*/*",
    # Nothing is decompressed here: a few kilobytes may decompress to terabytes.
    "accept-encoding": "identity",
    "connection": "close",
}


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers (names in lower case, the first of each name) and the body."""

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]


@contextmanager
def request(
    guard: Guard,
    url: WebUrl,
    watchdog: Watchdog,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Iterator[Response]:
    """Send a request and give the response once its headers have arrived.

    Raises UrlRefused, FetchFailed, the errors of the watchdog's ``check``, and CONNECTION_ERRORS.
    """
    target = httpcore.URL(
        scheme=url.scheme.encode(),
        host=url.host.encode(),
        port=url.port,
        target=url.target.encode(),
    )
    backend = GuardedBackend(guard, url, watchdog)
    sent = {"host": url.authority, **_HEADERS, **(headers or {})}
    if method == "POST":
        sent["content-length"] = str(len(body))
    http_request = httpcore.Request(method, target, headers=list(sent.items()), content=body)
    with httpcore.HTTPConnection(
        target.origin, ssl_context=tls() if url.scheme == "https" else None, network_backend=backend
    ) as connection:
        response = connection.handle_request(http_request)
        if backend.stream is not None:
            backend.stream.begin_body()
        yield Response(response.status, _by_name(response.headers), response.iter_stream())


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found
