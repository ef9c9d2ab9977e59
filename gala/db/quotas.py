"""Quotas of owners: limits and usage, counted from the rows of jobs, attempts and assets.

There are no counters that could drift: a job that fails or is cancelled and an asset that is
deleted are not counted from that moment on. Counting locks the owner's row in ``owners``, so that
of many simultaneous requests exactly as many pass as the limit allows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db.tables import Owner
from gala.errors import QuotaExceeded


class Limit(StrEnum):
    """A limited quantity; the value of ``details.quota`` in a QuotaExceeded."""

    JOBS_AT_ONCE = "jobs_at_once"
    JOBS_PER_DAY = "jobs_per_day"
    MINUTES_PER_DAY = "minutes_per_day"
    BYTES_STORED = "bytes_stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLimits:
    """Limits of an owner; ``None`` is unlimited. Days are UTC days."""

    jobs_at_once: int | None = None
    """Jobs that are QUEUED or RUNNING."""
    jobs_per_day: int | None = None
    """Jobs created today that neither failed nor were cancelled."""
    minutes_per_day: int | None = None
    """Minutes that workers have spent on the owner's jobs today."""
    bytes_stored: int | None = None
    """Total size of the owner's assets in bytes."""

    @property
    def limits(self) -> Mapping[Limit, int]:
        """The limits that are set."""
        values = ((Limit(one.name), getattr(self, one.name)) for one in fields(self))
        return {limit: value for limit, value in values if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsage:
    """An owner's current usage, in the units of :class:`QuotaLimits`."""

    jobs_at_once: int
    jobs_per_day: int
    minutes_per_day: float
    bytes_stored: int
    renews_at: datetime
    """Start of the next UTC day."""


# Of an attempt that began yesterday only the time since midnight counts, of a running one the time
# until now; a waiting job counts as one minute. Each count is read from one index.
_USED: Final[Mapping[Limit, str]] = {
    Limit.JOBS_AT_ONCE: """
        SELECT count(*) FROM jobs WHERE owner_id = :owner AND status IN ('QUEUED', 'RUNNING')
    """,
    Limit.JOBS_PER_DAY: """
        SELECT count(*) FROM jobs
        WHERE owner_id = :owner AND created_at >= date_trunc('day', now(), 'UTC')
            AND status IN ('QUEUED', 'RUNNING', 'DONE')
    """,
    Limit.MINUTES_PER_DAY: """
        WITH today AS (SELECT date_trunc('day', now(), 'UTC') AS day)
        SELECT (
            SELECT count(*) FROM jobs WHERE owner_id = :owner AND status = 'QUEUED'
        ) + extract(epoch FROM coalesce((
            SELECT sum(finished_at - greatest(started_at, (SELECT day FROM today)))
            FROM job_attempts
            WHERE owner_id = :owner AND finished_at >= (SELECT day FROM today)
        ), '0') + coalesce((
            SELECT sum(clock_timestamp() - greatest(started_at, (SELECT day FROM today)))
            FROM job_attempts WHERE owner_id = :owner AND finished_at IS NULL
        ), '0')) / 60
    """,
    Limit.BYTES_STORED: """
        SELECT coalesce(sum(size_bytes), 0)::bigint FROM assets WHERE owner_id = :owner
    """,
}
_COUNT: Final = {limit: text(statement) for limit, statement in _USED.items()}
_USAGE: Final = text(
    "SELECT date_trunc('day', now(), 'UTC') + interval '1 day' AS renews_at, "
    + ", ".join(f"({statement}) AS {limit}" for limit, statement in _USED.items())
)
_RENEWS: Final = text("SELECT date_trunc('day', now(), 'UTC') + interval '1 day'")

_MESSAGES: Final[Mapping[Limit, str]] = {
    Limit.JOBS_AT_ONCE: "At most {limit} of your jobs may wait or run at once; now {used} do.",
    Limit.JOBS_PER_DAY: "You may submit at most {limit} jobs a day; today you submitted {used}.",
    Limit.MINUTES_PER_DAY: "You may use at most {limit} rendering minutes a day; {used} are used.",
    Limit.BYTES_STORED: "You may store at most {limit} bytes of assets; {used} are stored.",
}
_REMEDIES: Final[Mapping[Limit, str]] = {
    Limit.JOBS_AT_ONCE: "Wait until a job has ended, or cancel one.",
    Limit.JOBS_PER_DAY: "The quota is renewed at {renews}.",
    Limit.MINUTES_PER_DAY: "The quota is renewed at {renews}.",
    Limit.BYTES_STORED: "Delete assets that you no longer need.",
}


def effective(session: Session, owner: str, defaults: QuotaLimits) -> QuotaLimits:
    """Return the owner's limits: its own where set, else the defaults."""
    row = session.get(Owner, owner)
    return defaults if row is None else overridden(row, defaults)


def overridden(row: Owner, defaults: QuotaLimits) -> QuotaLimits:
    """Return the defaults overridden by the owner's own limits."""
    own = {limit: getattr(row, limit) for limit in Limit}
    return replace(defaults, **{str(k): value for k, value in own.items() if value is not None})


def keep(session: Session, owner: str, own: QuotaLimits) -> Owner:
    """Set all of the owner's own limits; ``None`` means the default applies."""
    values = {str(limit): getattr(own, limit) for limit in Limit}
    statement = insert(Owner).values(id=owner, **values)
    statement = statement.on_conflict_do_update(index_elements=[Owner.id], set_=values)
    return session.scalars(
        statement.returning(Owner), execution_options={"populate_existing": True}
    ).one()


def usage(session: Session, owner: str) -> QuotaUsage:
    """Return the owner's current usage, read by one statement."""
    row: Any = session.execute(_USAGE, {"owner": owner}).one()
    return QuotaUsage(
        jobs_at_once=row.jobs_at_once,
        jobs_per_day=row.jobs_per_day,
        minutes_per_day=round(float(row.minutes_per_day), 2),
        bytes_stored=row.bytes_stored,
        renews_at=row.renews_at,
    )


def reserve_job(session: Session, owner: str, quota: QuotaLimits) -> None:
    """Check that the owner may queue one more job in this transaction, or raise QuotaExceeded.

    The size of its outputs is not known yet: it is refused only if no byte is left.
    """
    _reserve(session, owner, dict.fromkeys(quota.limits, 1), quota)


def reserve_bytes(session: Session, owner: str, quota: QuotaLimits, size: int) -> None:
    """Check that the owner may store ``size`` more bytes, or raise QuotaExceeded."""
    if quota.bytes_stored is not None:
        _reserve(session, owner, {Limit.BYTES_STORED: size}, quota)


def bytes_left(session: Session, owner: str, quota: QuotaLimits) -> int | None:
    """Return how many more bytes the owner may store now; ``None`` if unlimited.

    Raise QuotaExceeded if no byte is left. Nothing is reserved.
    """
    if quota.bytes_stored is None:
        return None
    used = _used(session, owner, Limit.BYTES_STORED)
    if used >= quota.bytes_stored:
        raise exceeded(session, Limit.BYTES_STORED, quota.bytes_stored, used)
    return quota.bytes_stored - int(used)


def _reserve(session: Session, owner: str, wanted: Mapping[Limit, int], quota: QuotaLimits) -> None:
    if not wanted:
        return
    _lock(session, owner)
    # Each statement sees all that was committed before it began, so all that others did while they
    # held the lock.
    for limit, more in wanted.items():
        allowed, used = quota.limits[limit], _used(session, owner, limit)
        if used + more > allowed:
            raise exceeded(session, limit, allowed, used)


def _lock(session: Session, owner: str) -> None:
    statement = select(Owner.id).where(Owner.id == owner).with_for_update()
    if session.scalar(statement) is None:
        session.execute(insert(Owner).values(id=owner).on_conflict_do_nothing())
        session.scalar(statement)


def _used(session: Session, owner: str, limit: Limit) -> float:
    return float(session.scalar(_COUNT[limit], {"owner": owner}) or 0)


def exceeded(session: Session, limit: Limit, allowed: int, used: float) -> QuotaExceeded:
    """Return the error with the quota, its usage, and the remedy or the time of renewal."""
    renews: datetime = session.scalars(_RENEWS).one()
    shown, moment = math.ceil(used), renews.strftime("%Y-%m-%dT%H:%M:%SZ")
    daily = limit in {Limit.JOBS_PER_DAY, Limit.MINUTES_PER_DAY}
    return QuotaExceeded(
        _MESSAGES[limit].format(limit=allowed, used=shown),
        hint=_REMEDIES[limit].format(renews=moment),
        quota=limit,
        limit=allowed,
        used=shown,
        renews_at=moment if daily else None,
    )
