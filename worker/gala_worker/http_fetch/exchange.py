"""One request and its answer over a guarded connection of its own: no proxies, no cookies, no
credentials, no redirects followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpcore

from gala.net.ssrf_guard import Guard
from gala.net.urls import WebUrl
from gala_worker.http_fetch.guarded_network import GuardedBackend, tls
from gala_worker.http_fetch.watchdog import Watch

CONNECTION_ERRORS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
)
"""What a server that does not answer properly, or not at all, ends in."""

_OURS: Final = {
    "user-agent": "GALA",
    "accept": "*/*",
    # Nothing is unpacked here: a few kilobytes may unpack to terabytes.
    "accept-encoding": "identity",
    "connection": "close",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers (by their names in lower case; the first of each), and the body."""

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]


@contextmanager
def asked(
    guard: Guard,
    url: WebUrl,
    watch: Watch,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Iterator[Answer]:
    """Ask, and give the answer once its head has come.

    Raises UrlRefused, FetchFailed, what the watch's ``check`` raises, and CONNECTION_ERRORS.
    """
    target = httpcore.URL(
        scheme=url.scheme.encode(),
        host=url.host.encode(),
        port=url.port,
        target=url.target.encode(),
    )
    backend = GuardedBackend(guard, url, watch)
    sent = {"host": url.authority, **_OURS, **(headers or {})}
    if method == "POST":
        sent["content-length"] = str(len(body))
    request = httpcore.Request(method, target, headers=list(sent.items()), content=body)
    with httpcore.HTTPConnection(
        target.origin, ssl_context=tls() if url.scheme == "https" else None, network_backend=backend
    ) as connection:
        response = connection.handle_request(request)
        if backend.stream is not None:
            backend.stream.body_begins()
        yield Answer(response.status, _by_name(response.headers), response.iter_stream())


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found
