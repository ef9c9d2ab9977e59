"""Limit the requests of each owner, and of each address without a valid key or token."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from limits import RateLimitItem
from starlette.requests import HTTPConnection

from gala.errors import RateLimited, Unauthorized
from gala.permissions import Principal
from gala_api.auth.authenticator import Authenticator
from gala_api.rate_limit.sliding_window import RateStatus, RequestCounter

RATE_STATUSES: Final = "gala.status"
"""Key of the request's rate status in its scope: a list of at most one."""

_V6_NETWORK_BITS: Final = 64
"""One customer usually has an IPv6 network of this prefix, so single addresses are not counted."""


class TooManyRequests(RateLimited):
    """Too many requests; wait as long as `Retry-After` says."""

    def __init__(self, status: RateStatus):
        self._seconds = status.reset_seconds
        window = status.window_seconds
        super().__init__(
            f"Too many requests: at most {status.limit} in {window} seconds.",
            hint=f"Try again in {status.reset_seconds} seconds.",
            limit=status.limit,
            window_seconds=window,
            retry_after_seconds=status.reset_seconds,
        )

    @property
    def headers(self) -> Mapping[str, str]:
        """The seconds to wait, as a header."""
        return {"Retry-After": str(self._seconds)}


class Limiter:
    """Admits requests up to a rate for owners and one for callers without a valid identity.

    ``None`` means no limit.
    """

    def __init__(
        self,
        counter: RequestCounter,
        *,
        owners: RateLimitItem | None,
        unauthenticated: RateLimitItem | None,
    ):
        self._counter = counter
        self._owners = owners
        self._unauthenticated = unauthenticated

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        await self._counter.aclose()

    async def admit(self, request: HTTPConnection, authenticator: Authenticator) -> Principal:
        """Authenticate and count a request, and return its caller.

        Raise Unauthorized, or TooManyRequests with ``Retry-After``. Failed authentications from an
        address do not affect callers there that have a valid identity.
        """
        try:
            caller = await authenticator.principal(request.headers)
        except Unauthorized:
            await self._count(request, self._unauthenticated, "unauthenticated", _address(request))
            raise
        await self._count(request, self._owners, "default", caller.owner_id)
        return caller

    async def _count(
        self, request: HTTPConnection, rate: RateLimitItem | None, policy: str, client: str
    ) -> None:
        if rate is None:
            return
        status = await self._counter.hit(rate, policy, client)
        request.scope.setdefault(RATE_STATUSES, []).append(status)
        if not status.admitted:
            raise TooManyRequests(status)


def _address(request: HTTPConnection) -> str:
    """Return the client's IPv4 address or IPv6 network; the proxy's if there is one."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address), _V6_NETWORK_BITS), strict=False))
    return str(address)
