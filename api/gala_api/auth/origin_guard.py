"""What keeps web pages from using an API that asks nobody who they are.

A page of the internet can make the browser of whoever opens it call ``localhost``. A name that
leads there although it is not ours (DNS rebinding) shows in ``Host``, a foreign page in ``Origin``.
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
from gala_api.errors.handlers import error_response

_LOOKS_ONLY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """By which names this API may be called, and by pages of which origins."""

    hosts: frozenset[str]
    """In lower case; loopback's need not be among them."""
    addresses: bool
    """Whether every address will do: one that is spelled out cannot be led elsewhere."""
    origins: Collection[str]


class LocalGuard:
    """Refuses what only a foreign web page would send. Programs that are no browsers pass."""

    def __init__(self, app: ASGIApp, known: Known):
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer 403 saying which setting would allow it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await error_response(Request(scope), refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Forbidden | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if not all(self._is_ours(host) for host in hosts):
            return Forbidden(
                "This API is not known by the name in the request's Host header.",
                hint="Add the name to API_ALLOWED_HOSTS, or ask for keys (AUTH_MODE=keys).",
                field="Host",
            )
        origins = headers.getlist("origin")
        if scope["method"] not in _LOOKS_ONLY and not all(self._may(o, hosts) for o in origins):
            return Forbidden(
                "Web pages of this origin may not change anything here.",
                hint="Add the origin to CORS_ALLOWED_ORIGINS, or ask for keys (AUTH_MODE=keys).",
                field="Origin",
            )
        return None

    def _is_ours(self, host: str) -> bool:
        name = host_name(host)
        if name is None:
            return False
        return (
            name in self._known.hosts
            or is_loopback(name)
            or (self._known.addresses and _is_address(name))
        )

    def _may(self, origin: str, hosts: Collection[str]) -> bool:
        if not {origin, "*"}.isdisjoint(self._known.origins):
            return True
        # A page of this very API: Host was found to be ours before.
        return any(origin in {f"http://{host}", f"https://{host}"} for host in hosts)


def host_name(host: str) -> str | None:
    """The name in ``name:port``, in lower case; ``None`` if this is no host."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.removesuffix(".")


def is_loopback(name: str) -> bool:
    """Whether the name or address is that of the machine itself."""
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
