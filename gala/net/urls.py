"""URLs that users give: what they may look like, which addresses are public, and which local hosts
the operator allows all the same.

Nothing is resolved here; which addresses a name leads to is found out where it is fetched.
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
USUAL_PORTS: Final = {"http": 80, "https": 443}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SHOWN_CHARACTERS: Final = 200
_MAX_HOST_CHARACTERS: Final = 253
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_AUTHORITY: Final = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<name>[^\[\]:]*))(?::(?P<port>\d*))?")
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")

# What Python's `is_global` lets pass, or did in some of its versions.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4's relays
        "198.18.0.0/15",
        "168.63.129.16/32",  # Azure's own host, as every machine there sees it
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# All that was ever given out to be reached from everywhere lies in the first; the others are its
# special parts: tunnels (they end at any IPv4 address), protocols' own, documentation.
_GIVEN_OUT_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv4-mapped or NAT64 address leads to; others as they are."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet's, reached the same from everywhere."""
    address = unwrapped(address)
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _GIVEN_OUT_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


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
    """A URL taken apart; ``host`` is in lower case, without brackets and without a last dot."""

    text: str
    scheme: str
    host: str
    port: int
    target: str = "/"
    """Path and query, as they are asked for."""

    @property
    def address(self) -> Address | None:
        """The host, if it is an address and no name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and, if it is unusual, port, as the header ``Host`` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """For people and logs: without the query, which may hold secrets."""
        path = self.target.partition("?")[0]
        text = f"{self.scheme}://{self.authority}{path}"
        return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def web_url(text: str, allowed: AllowedHosts, *, field: str | None = None) -> WebUrl:
    """The URL, if it is one that may be asked for. Raises UrlRefused, naming the field."""
    told = "" if field is None else f"{field}: "
    try:
        url = _parse(text)
    except _BadUrl as error:
        raise UrlRefused(f"{told}{error}", field=field, rule=error.rule) from error
    unusual = url.port != USUAL_PORTS[url.scheme]
    if unusual and not _exempt(url, allowed):
        raise UrlRefused(
            f"{told}GALA fetches from the ports 80 and 443 only, not from {url.port}.",
            hint="An operator can allow a local host in FETCH_ALLOWED_HOSTS.",
            field=field,
            rule="port",
        )
    return url


def service_address(text: str) -> str:
    """The address of a service that the operator trusts, wherever it is: the text, if it is one.

    Raises ValueError saying what is wrong with it.
    """
    if "?" in text or "#" in text:
        raise _BadUrl("The address of a service has neither a query nor a fragment.")
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
    if parts.scheme not in USUAL_PORTS:
        raise _BadUrl("Only http:// and https:// URLs are fetched.", "scheme")
    host, port = _authority(parts)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    return WebUrl(text, parts.scheme, host, port or USUAL_PORTS[parts.scheme], target)


def _authority(parts: SplitResult) -> tuple[str, int | None]:
    """Host and port, read strictly, so that nobody can read another host out of them."""
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
        raise ValueError("a zone is nobody else's business")
    return str(ipaddress.IPv6Address(text))


def _host(text: str) -> str:
    """Refuse what resolvers read in their own way: ``127.1``, ``0x7f.1``, ``2130706433``."""
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > _MAX_HOST_CHARACTERS or not all(_NAME.fullmatch(label) for label in labels):
        raise ValueError("not a name")
    if _NUMBER.fullmatch(labels[-1]):
        # A name never ends in a number, so this has to be an address in full.
        return str(ipaddress.IPv4Address(host))
    return host


def _name_and_port(entry: str) -> tuple[str, int | None]:
    told = f"{entry!r} is no host, host:port or network"
    try:
        parts = urlsplit(f"//{entry}")
        found = _authority(parts)
    except ValueError as error:
        raise ValueError(told) from error
    if parts.path or parts.query or parts.fragment:
        raise ValueError(told)
    return found
