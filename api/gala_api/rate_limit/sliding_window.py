"""Count requests in a sliding window, in Redis, so that all API processes count together.

While Redis does not answer, each process counts by itself: no request is rejected or delayed.
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
"""The time that a request waits for Redis; at most one per PAUSE_SECONDS waits in vain."""
PAUSE_SECONDS: Final = 5.0
"""The time without a new try after Redis did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStatus:
    """The state of a caller's limit after this request."""

    policy: str
    """The limit's name in the headers."""
    limit: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    """Seconds until further requests are allowed, at most."""
    admitted: bool

    @property
    def headers(self) -> dict[str, str]:
        """The headers of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.reset_seconds}',
        }


class RequestCounter:
    """Counts the requests of each client."""

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
        self._retry_at = -math.inf

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        await self._redis.aclose()

    async def hit(self, rate: RateLimitItem, policy: str, client: str) -> RateStatus:
        """Count a request unless the limit is reached, and return the limit's state."""
        if self._clock() >= self._retry_at:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await _hit(self._shared, rate, policy, client)
            except (StorageError, TimeoutError) as error:
                self._retry_at = self._clock() + PAUSE_SECONDS
                reason = getattr(error, "storage_error", None) or "no answer"
                log.warning(
                    "Redis does not answer; requests are counted in this process only: %s", reason
                )
        return await _hit(self._own, rate, policy, client)


async def _hit(
    window: SlidingWindowCounterRateLimiter, rate: RateLimitItem, policy: str, client: str
) -> RateStatus:
    admitted = await window.hit(rate, policy, client)
    stats = await window.get_window_stats(rate, policy, client)
    # Rounded up to whole seconds, so that a client that waits this long is admitted.
    seconds = max(0, math.floor(stats.reset_time - time.time())) + 1
    return RateStatus(
        policy=policy,
        limit=rate.amount,
        window_seconds=rate.get_expiry(),
        remaining=stats.remaining if admitted else 0,
        reset_seconds=min(seconds, rate.get_expiry()),
        admitted=admitted,
    )
