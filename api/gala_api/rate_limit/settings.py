"""How much anybody may use, as the operator says it in the environment."""

from __future__ import annotations

from typing import Annotated, Final

from limits import RateLimitItem, parse
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OFF: Final = "off"
"""What sets a rate to none, where there would be one by default."""


def _rate(value: str) -> str:
    """One rate such as ``600/minute``, or ``off``."""
    if value.strip().lower() == OFF:
        return OFF
    if read(value).amount < 1:
        raise ValueError("at least 1 request; `off` for no limit")
    return value


def read(rate: str) -> RateLimitItem:
    """What a rate means. Raises ValueError saying how one looks."""
    try:
        return parse(rate)
    except ValueError as error:
        raise ValueError("a rate looks like 600/minute, 10/second, or `off`") from error


Rate = Annotated[str, NoDecode, BeforeValidator(str), AfterValidator(_rate)]


class LimitSettings(BaseSettings):
    """Quotas of whoever has none of its own, and rates. Unset quotas are unlimited."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    quota_jobs_at_once: int | None = Field(default=None, ge=0)
    quota_jobs_per_day: int | None = Field(default=None, ge=0)
    quota_minutes_per_day: int | None = Field(default=None, ge=0)
    quota_bytes_stored: int | None = Field(default=None, ge=0)

    rate_limit: Rate | None = None
    """Requests of one owner."""
    rate_limit_unauthenticated: Rate | None = None
    """Requests without a valid identity from one address."""
