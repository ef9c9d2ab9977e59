"""Build the rate limiter and the default quota from the settings."""

from __future__ import annotations

from typing import Final

from limits import RateLimitItem

from gala.db.quotas import QuotaLimits
from gala_api.auth.settings import AuthMode
from gala_api.rate_limit.limiter import Limiter
from gala_api.rate_limit.settings import OFF, read
from gala_api.rate_limit.sliding_window import RequestCounter
from gala_api.settings import ApiSettings

DEFAULT_RATE: Final = "600/minute"
DEFAULT_RATE_UNAUTHENTICATED: Final = "60/minute"


def make_limiter(settings: ApiSettings) -> Limiter:
    """Return the limiter; without authentication, owners are limited only if a rate is set."""
    authenticated = AuthMode.NONE not in settings.auth_mode
    counter = RequestCounter(str(settings.redis_url), prefix=settings.job_queue_name)
    return Limiter(
        counter,
        owners=_rate(settings.rate_limit, DEFAULT_RATE if authenticated else OFF),
        unauthenticated=_rate(settings.rate_limit_unauthenticated, DEFAULT_RATE_UNAUTHENTICATED),
    )


def _rate(setting: str | None, default: str) -> RateLimitItem | None:
    rate = setting or default
    return None if rate == OFF else read(rate)


def default_quota(settings: ApiSettings) -> QuotaLimits:
    """Return the quota of owners without one of their own."""
    return QuotaLimits(
        jobs_at_once=settings.quota_jobs_at_once,
        jobs_per_day=settings.quota_jobs_per_day,
        minutes_per_day=settings.quota_minutes_per_day,
        bytes_stored=settings.quota_bytes_stored,
    )
