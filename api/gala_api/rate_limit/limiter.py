"""Who sends too many requests waits: owners, and addresses that show no valid key or token."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final

from limits import RateLimitItem
from starlette.requests import HTTPConnection

from gala.errors import RateLimited, Unauthorized
from gala.permissions import Principal
from gala_api.auth.authenticator import Authenticator
from gala_api.rate_limit.sliding_window import Counter, Standing

STANDING: Final = "gala.standing"
"""Where a request keeps what its answer tells about the rate: a list of at most one."""

_V6_NETWORK_BITS: Final = 64
"""What one customer has of IPv6: counting single addresses would count nobody."""


class TooMany(RateLimited):
    """Too many requests; wait as long as `Retry-After` says."""

    def __init__(self, standing: Standing):
        self._seconds = standing.reset_seconds
        window = standing.window_seconds
        super().__init__(
            f"Too many requests: at most {standing.limit} in {window} seconds.",
            hint=f"Try again in {standing.reset_seconds} seconds.",
            limit=standing.limit,
            window_seconds=window,
            retry_after_seconds=standing.reset_seconds,
        )

    @property
    def headers(self) -> Mapping[str, str]:
        """When to come back, in seconds."""
        return {"Retry-After": str(self._seconds)}


class Limiter:
    """Lets requests in as fast as is allowed. A rate that is ``None`` has no limit."""

    def __init__(
        self,
        counter: Counter,
        *,
        owners: RateLimitItem | None,
        strangers: RateLimitItem | None,
    ):
        self._counter = counter
        self._owners = owners
        self._strangers = strangers

    async def aclose(self) -> None:
        """Let go of Redis."""
        await self._counter.aclose()

    async def admit(self, request: HTTPConnection, authenticator: Authenticator) -> Principal:
        """Who asks, if not too often. Raises Unauthorized, and TooMany with `Retry-After`.

        Whoever shows a valid identity is never held up by the failures of others at its address.
        """
        try:
            caller = await authenticator.principal(request.headers)
        except Unauthorized:
            await self._count(request, self._strangers, "unauthenticated", _address(request))
            raise
        await self._count(request, self._owners, "default", caller.owner_id)
        return caller

    async def _count(
        self, request: HTTPConnection, rate: RateLimitItem | None, policy: str, who: str
    ) -> None:
        if rate is None:
            return
        standing = await self._counter.hit(rate, policy, who)
        request.scope.setdefault(STANDING, []).append(standing)
        if not standing.admitted:
            raise TooMany(standing)


def _address(request: HTTPConnection) -> str:
    """The client's address, or its network of IPv6; a proxy's own address if there is one."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address), _V6_NETWORK_BITS), strict=False))
    return str(address)
