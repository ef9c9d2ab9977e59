"""Quotas over the wire."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from gala_api.schemas.common import Moment, Received, Sent

_MOST: Final = 2**31 - 1
_MOST_BYTES: Final = 2**63 - 1

_Count = Annotated[int, Field(ge=0, le=_MOST)]
_Bytes = Annotated[int, Field(ge=0, le=_MOST_BYTES)]


class SetQuotaRequest(Received):
    """An owner's own limits, all of them: what is null or left out is as the server's defaults."""

    jobs_at_once: _Count | None = Field(default=None, description="Jobs that wait or run.")
    jobs_per_day: _Count | None = Field(
        default=None,
        description="Jobs made in a day of UTC; those that fail or are cancelled do not count.",
    )
    minutes_per_day: _Count | None = Field(
        default=None,
        description="Minutes rendered in a day of UTC; a job that waits has one set aside.",
    )
    bytes_stored: _Bytes | None = Field(default=None, description="Bytes of all assets.")


class Limits(Sent):
    """Limits; null is none."""

    jobs_at_once: int | None = Field(examples=[10])
    jobs_per_day: int | None = Field(examples=[500])
    minutes_per_day: int | None
    bytes_stored: int | None = Field(examples=[53687091200])


class UsageNow(Sent):
    """What is used now, of what can be limited."""

    jobs_at_once: int
    jobs_per_day: int
    minutes_per_day: float
    bytes_stored: int
    renews_at: Moment = Field(description="When what counts by the day begins again.")


class OwnerLimits(Sent):
    """An owner with limits of its own."""

    owner_id: str = Field(examples=["studio"])
    own: Limits = Field(description="What was set for this owner.")
    limits: Limits = Field(description="What holds: the server's defaults where nothing was set.")


class OwnerQuota(OwnerLimits):
    """What an owner may use, and uses."""

    usage: UsageNow


class QuotaResponse(Sent):
    """An owner's quota."""

    quota: OwnerQuota


class QuotasListResponse(Sent):
    """Owners with limits of their own."""

    quotas: list[OwnerLimits]
    next_cursor: str | None = Field(description="For the next page, if there is one.")
