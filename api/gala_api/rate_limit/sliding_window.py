"""Requests counted in a sliding window: in Redis, so that all API processes count together.

While Redis is away each process counts for itself: nobody is locked out, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 0.5
"""A request waits no longer than this for Redis; one in a :data:`PAUSE_SECONDS` does."""
PAUSE_SECONDS: Final = 5.0
"""So long Redis is left alone after it did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a caller stands against a limit after this request."""

    policy: str
    """The limit's name in the headers."""
    limit: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    """When some of it is given back, at the latest."""
    admitted: bool

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers wants it told."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.reset_seconds}',
        }


class Counter:
    """Counts requests by whoever sends them."""

    def __init__(
        self,
        redis_url: str,
        *,
        prefix: str,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._redis: Redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 1),
        )
        shared = RedisStorage(
            f"async+{redis_url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=f"{prefix}:rate",
            connection_pool=self._redis.connection_pool,  # type: ignore[arg-type]  # too narrow
        )
        self._shared = SlidingWindowCounterRateLimiter(shared)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._clock = clock
        self._away_until = -math.inf

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        await self._redis.aclose()

    async def hit(self, rate: RateLimitItem, policy: str, who: str) -> Standing:
        """Count a request, unless the limit is reached."""
        if self._clock() >= self._away_until:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await _hit(self._shared, rate, policy, who)
            except (StorageError, TimeoutError) as error:
                self._away_until = self._clock() + PAUSE_SECONDS
                reason = getattr(error, "storage_error", None) or "no answer"
                log.warning("rates are counted in this process alone for now: Redis: %s", reason)
        return await _hit(self._own, rate, policy, who)


async def _hit(
    window: SlidingWindowCounterRateLimiter, rate: RateLimitItem, policy: str, who: str
) -> Standing:
    admitted = await window.hit(rate, policy, who)
    stats = await window.get_window_stats(rate, policy, who)
    # A whole second, begun: whoever waits so long finds something given back.
    seconds = max(0, math.floor(stats.reset_time - time.time())) + 1
    return Standing(
        policy=policy,
        limit=rate.amount,
        window_seconds=rate.get_expiry(),
        remaining=stats.remaining if admitted else 0,
        reset_seconds=min(seconds, rate.get_expiry()),
        admitted=admitted,
    )
