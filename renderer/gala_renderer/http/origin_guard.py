"""Protects a server without authentication from web pages.

A page on the internet can make its visitor's browser call ``localhost``. A foreign name that
resolves to this host (DNS rebinding) shows in ``Host``, a foreign page in ``Origin``. The clients
of these servers are programs, which name the server as it is configured and send no ``Origin``.

Chatterbox's server (``renderer/chatterbox``) uses this module too, without the rest of GALA. The
API has a guard of its own, which lets pages of allowed origins in.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MISDIRECTED_REQUEST: Final = 421
FORBIDDEN: Final = 403
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a request is rejected: the HTTP status, the header at fault, and what to do."""

    status: int
    field: str
    message: str
    hint: str


class OriginGuard:
    """Middleware that rejects requests which only a web page would send, on every route.

    The names of this machine and of loopback, and all addresses, are allowed in ``Host``, because
    none of them can be rebound; so are ``hosts``, which ``setting`` sets. ``respond`` makes the
    response to a rejected request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        setting: str,
        respond: Callable[[Rejection], ASGIApp],
    ):
        self._app = app
        self._hosts = frozenset(host_name(host) for host in (*hosts, socket.gethostname()))
        self._setting = setting
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with the rejection."""
        rejection = self._rejection(scope) if scope["type"] == "http" else None
        app = self._app if rejection is None else self._respond(rejection)
        await app(scope, receive, send)

    def _rejection(self, scope: Scope) -> Rejection | None:
        for host in _headers(scope, b"host"):
            if not self._is_allowed(host):
                return Rejection(
                    MISDIRECTED_REQUEST,
                    "Host",
                    f"The Host header names {host[:_SHOWN]!r}, which is not a name of this server.",
                    f"If it is one, add it to {self._setting}.",
                )
        if _headers(scope, b"origin"):
            return Rejection(
                FORBIDDEN,
                "Origin",
                "This server does not answer requests of web pages (Origin header).",
                "Call GALA's API instead; it is made for them.",
            )
        return None

    def _is_allowed(self, host: str) -> bool:
        name = host_name(host)
        return name is not None and (
            name == "localhost" or name in self._hosts or _is_address(name)
        )


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def host_name(host: str) -> str | None:
    """Return the name in ``name:port`` in lower case, or ``None`` if it is not a host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
