"""Environment settings of quotas and rate limits."""

from __future__ import annotations

from typing import Annotated, Final

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gala_api.rate_limit.stream_limit import SPEECH_STREAMS

OFF: Final = "off"
"""The value that disables a rate limit which has a default."""


def _rate(value: str) -> str:
    """Return the rate, e.g. ``600/minute`` or ``off``. Raise ValueError if it is neither."""
    if value.strip().lower() == OFF:
        return OFF
    if read(value).amount < 1:
        raise ValueError("at least 1 request is required; `off` disables the limit")
    return value


def read(rate: str) -> RateLimitItem:
    """Parse a rate. Raise ValueError, with examples, if it is not one."""
    try:
        return parse(rate)
    except ValueError as error:
        raise ValueError("must be a rate such as 600/minute or 10/second, or `off`") from error


Rate = Annotated[str, NoDecode, BeforeValidator(str), AfterValidator(_rate)]


class LimitSettings(BaseSettings):
    """Default quotas, for owners without their own, and rates. Unset quotas are unlimited."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    quota_jobs_at_once: int | None = Field(default=None, ge=0)
    quota_jobs_per_day: int | None = Field(default=None, ge=0)
    quota_minutes_per_day: int | None = Field(default=None, ge=0)
    quota_bytes_stored: int | None = Field(default=None, ge=0)

    rate_limit: Rate | None = None
    """Limit of the requests of one owner."""
    rate_limit_unauthenticated: Rate | None = None
    """Limit of the requests without a valid identity from one address."""
    event_streams_per_owner: int = Field(default=100, ge=1)
    """Event streams, and requests that wait for a job's end, that one owner may have open in each
    API process."""
    speech_streams_per_owner: int = Field(default=SPEECH_STREAMS, ge=1)
    """Streams of speech that one owner may have open in each API process."""
