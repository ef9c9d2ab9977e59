"""Limits put together from the settings."""

from __future__ import annotations

from typing import Final

from limits import RateLimitItem

from gala.db.quotas import Quota
from gala_api.auth.settings import AuthMode
from gala_api.rate_limit.limiter import Limiter
from gala_api.rate_limit.settings import OFF, read
from gala_api.rate_limit.sliding_window import Counter
from gala_api.settings import ApiSettings

USUAL_RATE: Final = "600/minute"
USUAL_RATE_UNAUTHENTICATED: Final = "60/minute"


def make_limiter(settings: ApiSettings) -> Limiter:
    """What slows down whoever asks too often; where nobody is asked who they are, only if told."""
    asked = AuthMode.NONE not in settings.auth_mode
    counter = Counter(str(settings.redis_url), prefix=settings.job_queue_name)
    return Limiter(
        counter,
        owners=_rate(settings.rate_limit, USUAL_RATE if asked else OFF),
        strangers=_rate(settings.rate_limit_unauthenticated, USUAL_RATE_UNAUTHENTICATED),
    )


def _rate(told: str | None, usual: str) -> RateLimitItem | None:
    rate = told or usual
    return None if rate == OFF else read(rate)


def default_quota(settings: ApiSettings) -> Quota:
    """What owners may use who have no limits of their own."""
    return Quota(
        jobs_at_once=settings.quota_jobs_at_once,
        jobs_per_day=settings.quota_jobs_per_day,
        minutes_per_day=settings.quota_minutes_per_day,
        bytes_stored=settings.quota_bytes_stored,
    )
