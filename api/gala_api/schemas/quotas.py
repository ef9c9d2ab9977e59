"""Requests and responses about quotas."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from gala_api.schemas.common import Moment, Received, Sent

_MAX_COUNT: Final = 2**31 - 1
_MAX_BYTES: Final = 2**63 - 1

_Count = Annotated[int, Field(ge=0, le=_MAX_COUNT)]
_Bytes = Annotated[int, Field(ge=0, le=_MAX_BYTES)]


class SetQuotaRequest(Received):
    """All limits of an owner; a field that is null or absent has the server's default."""

    jobs_at_once: _Count | None = Field(default=None, description="Jobs that wait or run.")
    jobs_per_day: _Count | None = Field(
        default=None,
        description="Jobs created per day (UTC); failed and cancelled ones do not count.",
    )
    minutes_per_day: _Count | None = Field(
        default=None,
        description="Minutes rendered per day (UTC); each waiting job reserves one.",
    )
    bytes_stored: _Bytes | None = Field(default=None, description="Bytes of all assets.")


class Limits(Sent):
    """Limits; null means unlimited."""

    jobs_at_once: int | None = Field(examples=[10])
    jobs_per_day: int | None = Field(examples=[500])
    minutes_per_day: int | None
    bytes_stored: int | None = Field(examples=[53687091200])


class UsageNow(Sent):
    """The current usage of everything that can be limited."""

    jobs_at_once: int
    jobs_per_day: int
    minutes_per_day: float
    bytes_stored: int
    renews_at: Moment = Field(description="When the daily usage is reset.")


class OwnerLimits(Sent):
    """An owner with limits of its own."""

    owner_id: str = Field(examples=["studio"])
    own: Limits = Field(description="The limits set for this owner.")
    limits: Limits = Field(
        description="The limits in force: the server's defaults where none is set."
    )


class OwnerQuota(OwnerLimits):
    """The limits and usage of an owner."""

    usage: UsageNow


class QuotaResponse(Sent):
    """An owner's quota."""

    quota: OwnerQuota


class QuotasListResponse(Sent):
    """Owners with limits of their own."""

    quotas: list[OwnerLimits]
    next_cursor: str | None = Field(
        description="The `cursor` of the next page; null on the last page."
    )
