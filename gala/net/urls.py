"""Checks of URLs from users: their form, public addresses, and local hosts that are allowed.

Names are not resolved here but by the fetcher (see :mod:`gala.net.ssrf_guard`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from gala.errors import UrlRefused

MAX_URL_CHARACTERS: Final = 2048
DEFAULT_PORTS: Final = {"http": 80, "https": 443}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SHOWN_CHARACTERS: Final = 200
_MAX_HOST_CHARACTERS: Final = 253
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_AUTHORITY: Final = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<name>[^\[\]:]*))(?::(?P<port>\d*))?")
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")

# Not public, though Python's `is_global` accepts them, at least in some versions.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "168.63.129.16/32",  # Azure's virtual host address, visible from every machine there
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# All globally reachable addresses ever assigned are in the first network; the others are special
# parts of it: tunnels (which end at any IPv4 address), protocol assignments, documentation.
_ASSIGNED_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped or NAT64 address; others unchanged."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Return True if the address is globally reachable on the internet."""
    address = unwrapped(address)
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _ASSIGNED_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts that may be fetched from although they are local or use a non-default port."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Parse entries such as ``nas.local``, ``nas.local:8000``, ``10.0.0.0/8``.

        Without a port, every port is allowed. Raise ValueError for an invalid entry.
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
        """Return True if this host, as written in the URL, is listed."""
        return bool({(host, None), (host, port)} & self.names)

    def allow_address(self, address: Address) -> bool:
        """Return True if the address is in a listed network."""
        return any(
            address in network for network in self.networks if network.version == address.version
        )


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A parsed URL; ``host`` is in lower case, without brackets and without a final dot."""

    text: str
    scheme: str
    host: str
    port: int
    target: str = "/"
    """Path and query as sent in the request."""

    @property
    def address(self) -> Address | None:
        """The host as an address; None if it is a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and any non-default port, as in the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The URL for messages and logs: without the query, which may contain secrets."""
        path = self.target.partition("?")[0]
        text = f"{self.scheme}://{self.authority}{path}"
        return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def web_url(text: str, allowed: AllowedHosts, *, field: str | None = None) -> WebUrl:
    """Return the parsed URL. Raise UrlRefused, naming ``field``, if it may not be fetched."""
    prefix = "" if field is None else f"{field}: "
    try:
        url = _parse(text)
    except _BadUrl as error:
        raise UrlRefused(f"{prefix}{error}", field=field, rule=error.rule) from error
    non_default = url.port != DEFAULT_PORTS[url.scheme]
    if non_default and not _exempt(url, allowed):
        raise UrlRefused(
            f"{prefix}GALA fetches from the ports 80 and 443 only, not from {url.port}.",
            hint="An operator can allow a local host in FETCH_ALLOWED_HOSTS.",
            field=field,
            rule="port",
        )
    return url


def service_address(text: str) -> str:
    """Return ``text`` if it is the URL of a service; local addresses are allowed.

    Raise ValueError with the reason if it is not.
    """
    if "?" in text or "#" in text:
        raise _BadUrl("The address of a service must not have a query or a fragment.")
    _parse(text)
    return text


class _BadUrl(ValueError):
    def __init__(self, message: str, rule: str = "url"):
        self.rule = rule
        super().__init__(message)


def _exempt(url: WebUrl, allowed: AllowedHosts) -> bool:
    if allowed.allow(url.host, url.port):
        return True
    return url.address is not None and allowed.allow_address(unwrapped(url.address))


def _parse(text: str) -> WebUrl:
    if len(text) > MAX_URL_CHARACTERS:
        raise _BadUrl(f"A URL has at most {MAX_URL_CHARACTERS} characters.")
    if not _VISIBLE.fullmatch(text) or "\\" in text:
        raise _BadUrl(
            "A URL has no spaces, control characters, backslashes or letters beyond ASCII;"
            " percent-encode them (international host names: write their xn-- form)."
        )
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _BadUrl("This is not a URL.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise _BadUrl("Only http:// and https:// URLs are fetched.", "scheme")
    host, port = _authority(parts)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    return WebUrl(text, parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], target)


def _authority(parts: SplitResult) -> tuple[str, int | None]:
    """Return host and port, parsed strictly, so that no other parser finds another host."""
    if "@" in parts.netloc:
        raise _BadUrl("A URL may not carry a user name or password.")
    if not parts.netloc:
        raise _BadUrl("This URL names no host.")
    found = _AUTHORITY.fullmatch(parts.netloc)
    if found is None:
        raise _BadUrl("The host of this URL is not a name or an address.")
    try:
        host = _host_v6(found["v6"]) if found["v6"] is not None else _host(found["name"])
    except ValueError as error:
        raise _BadUrl("The host of this URL is not a name or an address.") from error
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 1 << 16:
        raise _BadUrl("The port of this URL is not a number from 1 to 65535.", "port")
    return host, port


def _host_v6(text: str) -> str:
    if "%" in text:
        raise ValueError("a zone id is valid on one machine only")
    return str(ipaddress.IPv6Address(text))


def _host(text: str) -> str:
    """Refuse forms that resolvers interpret differently: ``127.1``, ``0x7f.1``, ``2130706433``."""
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > _MAX_HOST_CHARACTERS or not all(_NAME.fullmatch(label) for label in labels):
        raise ValueError("not a name")
    if _NUMBER.fullmatch(labels[-1]):
        # A host name never ends in a number, so this must be a complete address.
        return str(ipaddress.IPv4Address(host))
    return host


def _name_and_port(entry: str) -> tuple[str, int | None]:
    message = f"{entry!r} is not a host, host:port or network"
    try:
        parts = urlsplit(f"//{entry}")
        found = _authority(parts)
    except ValueError as error:
        raise ValueError(message) from error
    if parts.path or parts.query or parts.fragment:
        raise ValueError(message)
    return found
