"""Tables of owners: limits, pronunciations, turns on the lanes, API keys; and counters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gala.db.tables.base import Base, Json, created_at_column, is_id_check
from gala.ids import Prefix


class Owner(Base):
    """An owner's own quota limits; ``None``: the default applies.

    The row is also the lock under which quotas are checked. It is created when first needed.
    """

    __tablename__ = "owners"
    __table_args__ = (
        CheckConstraint(
            "jobs_at_once >= 0 AND jobs_per_day >= 0 AND minutes_per_day >= 0"
            " AND bytes_stored >= 0",
            name="limits",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    jobs_at_once: Mapped[int | None]
    jobs_per_day: Mapped[int | None]
    minutes_per_day: Mapped[int | None]
    bytes_stored: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_at_column()


class LaneTurn(Base):
    """When an owner was last served on a lane; the owner served longest ago comes first.

    Not a column of ``owners``: that row is locked while a job is accepted, so an owner that sends
    many jobs would block the recording of its own turn.
    """

    __tablename__ = "turns"

    lane: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(primary_key=True)
    served_at: Mapped[datetime]


class PronunciationList(Base):
    """How an owner wants names and words to be spoken, in all jobs; entries as in requests."""

    __tablename__ = "pronunciation_lists"
    __table_args__ = (CheckConstraint("jsonb_typeof(entries) = 'array'", name="entries"),)

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    entries: Mapped[list[Json]] = mapped_column(JSONB())
    updated_at: Mapped[datetime] = created_at_column()


class ApiKey(Base):
    """An API key; only its keyed digest is stored."""

    __tablename__ = "api_keys"
    __table_args__ = (
        is_id_check(Prefix.API_KEY),
        CheckConstraint("role IN ('viewer', 'editor', 'operator', 'admin')", name="role"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text()))
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = created_at_column()
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Counter(Base):
    """A counter that many processes increment."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, server_default="0")
