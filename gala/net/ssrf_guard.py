"""Decides which addresses may be talked to: the open internet's, and what the operator allows."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Final

from gala.errors import FetchInterrupted, UrlRefused
from gala.net.urls import Address, AllowedHosts, WebUrl, is_public, unwrapped, web_url

Resolve = Callable[[str, int], Sequence[str]]
"""Gives every address of a name. Raises OSError."""

# Names that no public server has (RFC 6761, 6762, 8375, 9476, and ICANN's `internal`).
_LOCAL_ENDINGS: Final = frozenset({"localhost", "local", "internal", "alt", "invalid", "onion"})
_LOCAL_SUFFIX: Final = ".home.arpa"


def system_resolve(host: str, port: int) -> Sequence[str]:
    """What the machine's own resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


class Guard:
    """Resolves a name once and vouches for all its addresses, or refuses them."""

    def __init__(self, allowed: AllowedHosts, resolve: Resolve = system_resolve):
        self._allowed = allowed
        self._resolve = resolve

    def url(self, text: str) -> WebUrl:
        """The URL, if it has the form of one that may be asked for. Raises UrlRefused."""
        return web_url(text, self._allowed)

    def addresses(self, url: WebUrl) -> list[Address]:
        """Where to connect to for this URL; none of them needs to be asked for again.

        Raises UrlRefused, and FetchInterrupted if the name is not found.
        """
        named = self._allowed.allow(url.host, url.port)
        found = [url.address] if url.address else self._resolved(url, named=named)
        if not named and not all(self._may(address) for address in found):
            raise refused()
        return found

    def _may(self, address: Address) -> bool:
        return is_public(address) or self._allowed.allow_address(unwrapped(address))

    def _resolved(self, url: WebUrl, *, named: bool) -> list[Address]:
        host = url.host
        if not named:
            if _is_localhost(host):
                return [ipaddress.IPv4Address("127.0.0.1")]
            if not self._allowed.networks:
                if _is_local(host):
                    # Not even looked up: whether there is such a host is nobody's business.
                    raise refused()
                # With its last dot the name is a whole one: no search domain makes `db.prod` one
                # of this cluster's.
                host = f"{host}."
        return self._answers(host, url)

    def _answers(self, host: str, url: WebUrl) -> list[Address]:
        try:
            answers = self._resolve(host, url.port)
            found: list[Address] = [ipaddress.ip_address(a.partition("%")[0]) for a in answers]
        except (OSError, ValueError) as error:
            # UnicodeError, which is a ValueError, is the resolver's answer to some names.
            raise _not_found(url) from error
        if not found:
            raise _not_found(url)
        return found


def refused() -> UrlRefused:
    """The same for every host inside, whether it is there or not."""
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
    ending = host.rpartition(".")[2]
    return "." not in host or ending in _LOCAL_ENDINGS or f".{host}".endswith(_LOCAL_SUFFIX)
