"""Protects an API without authentication from web pages.

A page on the internet can make its visitor's browser call ``localhost``. A foreign name that
resolves to this host (DNS rebinding) shows in ``Host``, a foreign page in ``Origin``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gala.errors import Forbidden

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedCallers:
    """The names by which this API may be called, and the origins of pages that may call it."""

    hosts: frozenset[str]
    """In lower case; names of loopback are always allowed."""
    addresses: bool
    """Allow every IP address: a literal address cannot be rebound."""
    origins: Collection[str]


class OriginGuard:
    """Middleware that rejects requests which only a foreign web page would send."""

    def __init__(self, app: ASGIApp, allowed: AllowedCallers):
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with 403 naming the setting that would allow it."""
        rejection = self._rejection(scope) if scope["type"] == "http" else None
        if rejection is None:
            await self._app(scope, receive, send)
        else:
            # Granian's supervising process checks the settings of this, without FastAPI.
            from gala_api.errors.handlers import error_response  # noqa: PLC0415

            await error_response(Request(scope), rejection)(scope, receive, send)

    def _rejection(self, scope: Scope) -> Forbidden | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if not all(self._is_allowed_host(host) for host in hosts):
            return Forbidden(
                "The Host header does not name this API.",
                hint="Add the name to API_ALLOWED_HOSTS, or require keys (AUTH_MODE=keys).",
                field="Host",
            )
        origins = headers.getlist("origin")
        if scope["method"] not in _SAFE_METHODS and not all(
            self._is_allowed_origin(o, hosts) for o in origins
        ):
            return Forbidden(
                "Web pages of this origin may not make changes.",
                hint="Add the origin to CORS_ALLOWED_ORIGINS, or require keys (AUTH_MODE=keys).",
                field="Origin",
            )
        return None

    def _is_allowed_host(self, host: str) -> bool:
        name = host_name(host)
        if name is None:
            return False
        return (
            name in self._allowed.hosts
            or is_loopback(name)
            or (self._allowed.addresses and _is_address(name))
        )

    def _is_allowed_origin(self, origin: str, hosts: Collection[str]) -> bool:
        if not {origin, "*"}.isdisjoint(self._allowed.origins):
            return True
        # A page served by this API: its Host was checked before.
        return any(origin in {f"http://{host}", f"https://{host}"} for host in hosts)


def host_name(host: str) -> str | None:
    """Return the name in ``name:port`` in lower case, or None if it is not a host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.removesuffix(".")


def is_loopback(name: str) -> bool:
    """Return True if the name or address is this machine's loopback."""
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
