"""Restricts requests to public addresses and to hosts that the operator allows."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Final

from gala.errors import FetchInterrupted, UrlRefused
from gala.net.urls import Address, AllowedHosts, WebUrl, is_public, unwrapped, web_url

Resolve = Callable[[str, int], Sequence[str]]
"""Returns all addresses of a host name and port. Raises OSError."""

# Top-level domains without public servers (RFC 6761, 6762, 8375, 9476, ICANN's `internal`).
_LOCAL_DOMAINS: Final = frozenset({"localhost", "local", "internal", "alt", "invalid", "onion"})
_LOCAL_SUFFIX: Final = ".home.arpa"


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Resolve a name with the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


class Guard:
    """Resolves a host name once and checks that all its addresses are allowed."""

    def __init__(self, allowed: AllowedHosts, resolve: Resolve = system_resolve):
        self._allowed = allowed
        self._resolve = resolve

    def url(self, text: str) -> WebUrl:
        """Return the parsed URL. Raise UrlRefused if its form, scheme or port is not allowed."""
        return web_url(text, self._allowed)

    def addresses(self, url: WebUrl) -> list[Address]:
        """Return the addresses to connect to for this URL; they must not be resolved again.

        Raise UrlRefused if one is not allowed, FetchInterrupted if the name is not found.
        """
        named = self._allowed.allow(url.host, url.port)
        found = [url.address] if url.address else self._resolved(url, named=named)
        if not named and not all(self._is_allowed(address) for address in found):
            raise refused()
        return found

    def _is_allowed(self, address: Address) -> bool:
        return is_public(address) or self._allowed.allow_address(unwrapped(address))

    def _resolved(self, url: WebUrl, *, named: bool) -> list[Address]:
        host = url.host
        if not named:
            if _is_localhost(host):
                return [ipaddress.IPv4Address("127.0.0.1")]
            if not self._allowed.networks:
                if _is_local(host):
                    # Not resolved at all, so as not to reveal whether such a host exists.
                    raise refused()
                # A final dot makes the name absolute: no search domain turns `db.prod` into a
                # name of this cluster.
                host = f"{host}."
        return self._lookup(host, url)

    def _lookup(self, host: str, url: WebUrl) -> list[Address]:
        try:
            answers = self._resolve(host, url.port)
            found: list[Address] = [ipaddress.ip_address(a.partition("%")[0]) for a in answers]
        except (OSError, ValueError) as error:
            # The resolver raises UnicodeError, which is a ValueError, for some names.
            raise _not_found(url) from error
        if not found:
            raise _not_found(url)
        return found


def refused() -> UrlRefused:
    """Return the same error for every internal host, whether it exists or not."""
    return UrlRefused(
        "GALA fetches from public addresses only, and this is not one.",
        hint="An operator can allow a local host in FETCH_ALLOWED_HOSTS.",
        rule="address",
    )


def _not_found(url: WebUrl) -> FetchInterrupted:
    return FetchInterrupted(f"The host name {url.host} is not found.", rule="name")


def _is_localhost(host: str) -> bool:
    return host.rpartition(".")[2] == "localhost"


def _is_local(host: str) -> bool:
    domain = host.rpartition(".")[2]
    return "." not in host or domain in _LOCAL_DOMAINS or f".{host}".endswith(_LOCAL_SUFFIX)
