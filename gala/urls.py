"""URLs that users give: what they may look like, and which local hosts the operator allows.

Nothing is resolved here; which addresses a name may lead to is decided where it is fetched.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from gala.errors import UrlRefused

MAX_URL_CHARACTERS: Final = 2048
USUAL_PORTS: Final = {"http": 80, "https": 443}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts that may be fetched from although they are local, or on an unusual port."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """From ``nas.local``, ``nas.local:8000``, ``192.168.1.20:8000``, ``10.0.0.0/8``.

        Without a port, every port is allowed. Raises ValueError for what is none of these.
        """
        names: set[tuple[str, int | None]] = set()
        networks: list[Network] = []
        for entry in entries:
            if "/" in entry:
                networks.append(ipaddress.ip_network(entry))
            else:
                names.add(_name_and_port(entry))
        return cls(frozenset(names), tuple(networks))

    def allow(self, host: str, port: int) -> bool:
        """Whether this very host is named, as it stands in the URL."""
        return bool({(host, None), (host, port)} & self.names)

    def allow_address(self, address: Address) -> bool:
        """Whether the address lies in a network that is named."""
        return any(
            address in network for network in self.networks if network.version == address.version
        )


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A URL taken apart; ``host`` is in lower case and without brackets."""

    text: str
    scheme: str
    host: str
    port: int


def web_url(text: str, allowed: AllowedHosts, *, field: str | None = None) -> WebUrl:
    """The URL, if it is one that may be asked for. Raises UrlRefused, naming the field."""
    told = "" if field is None else f"{field}: "
    try:
        url = _parse(text)
    except ValueError as error:
        raise UrlRefused(f"{told}{error}", field=field, rule="url") from error
    unusual = url.port != USUAL_PORTS[url.scheme]
    if unusual and not _exempt(url, allowed):
        raise UrlRefused(
            f"{told}GALA fetches from the ports 80 and 443 only, not from {url.port}.",
            hint="An operator can allow a local host in FETCH_ALLOWED_HOSTS.",
            field=field,
            rule="port",
        )
    return url


def _exempt(url: WebUrl, allowed: AllowedHosts) -> bool:
    if allowed.allow(url.host, url.port):
        return True
    try:
        return allowed.allow_address(ipaddress.ip_address(url.host))
    except ValueError:
        return False


def _parse(text: str) -> WebUrl:
    if len(text) > MAX_URL_CHARACTERS:
        raise ValueError(f"a URL has at most {MAX_URL_CHARACTERS} characters")
    if not _VISIBLE.fullmatch(text) or "\\" in text:
        raise ValueError("a URL has no spaces, control characters, backslashes or letters beyond"
                         " ASCII; percent-encode them")  # fmt: skip
    parts = urlsplit(text)
    if parts.scheme not in USUAL_PORTS:
        raise ValueError("only http:// and https:// URLs are fetched")
    if "@" in parts.netloc:
        raise ValueError("a URL may not carry a user name or password")
    if not parts.hostname:
        raise ValueError("this URL names no host")
    host = parts.hostname.lower()
    _check_host(host)
    return WebUrl(text, parts.scheme, host, parts.port or USUAL_PORTS[parts.scheme])


def _check_host(host: str) -> None:
    """Refuse what resolvers read in their own way: ``127.1``, ``0x7f.1``, ``2130706433``."""
    if ":" in host:
        ipaddress.IPv6Address(host)
        return
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_NAME.fullmatch(label) for label in labels):
        raise ValueError("the host of this URL is not a name or an address")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        # A name never ends in a number, so this has to be an address in full.
        ipaddress.IPv4Address(host)


def _name_and_port(entry: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{entry}")
    if not parts.hostname or parts.path or "@" in entry:
        raise ValueError(f"{entry!r} is no host, host:port or network")
    return parts.hostname.lower(), parts.port
