"""The tables. Constraints make bad states impossible; the migrations create exactly these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gala.ids import Prefix, pattern

Json = dict[str, Any]


class Base(DeclarativeBase):
    """Base of every table; constraint names are predictable, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        str: Text(),
        datetime: DateTime(timezone=True),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        int: Integer(),
        float: Float(),
    }


def _is_id(prefix: Prefix) -> CheckConstraint:
    return CheckConstraint(f"id ~ '{pattern(prefix)}'", name="id")


def _created_at() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


class Object(Base):
    """Bytes at a provider. Reserved before the upload, committed together with their asset.

    ``deleting`` is a promise to remove the bytes: nothing can refer to such an object any more.
    """

    __tablename__ = "objects"
    __table_args__ = (
        UniqueConstraint("provider", "name"),
        CheckConstraint("state IN ('reserved', 'committed', 'deleting')", name="state"),
        Index("ix_objects_unsettled", "created_at", postgresql_where=text("state <> 'committed'")),
    )

    provider: Mapped[str] = mapped_column(primary_key=True)
    object_key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]
    job_id: Mapped[str | None]
    created_at: Mapped[datetime] = _created_at()


class Asset(Base):
    """A finished piece of media that users can refer to."""

    __tablename__ = "assets"
    __table_args__ = (
        _is_id(Prefix.ASSET),
        ForeignKeyConstraint(
            ["provider", "object_key"], ["objects.provider", "objects.object_key"]
        ),
        CheckConstraint("size_bytes >= 0", name="size_bytes"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        Index("ix_assets_owner_id_id", "owner_id", text("id DESC")),
        Index("ix_assets_owner_id", "owner_id", postgresql_include=["size_bytes"]),
        Index("ix_assets_object", "provider", "object_key"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    kind: Mapped[str]
    provider: Mapped[str]
    object_key: Mapped[str]
    mime: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    label: Mapped[str | None]
    filename: Mapped[str | None]
    job_id: Mapped[str | None]
    created_at: Mapped[datetime] = _created_at()


class PendingAsset(Base):
    """An asset that a job will make, whose id was given away before. Goes once it is there."""

    __tablename__ = "promised_assets"
    __table_args__ = (
        _is_id(Prefix.ASSET),
        UniqueConstraint("job_id", "role"),
        Index("ix_promised_assets_owner_id_id", "owner_id", text("id DESC")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    role: Mapped[str]
    kind: Mapped[str]
    label: Mapped[str | None]
    filename: Mapped[str | None]
    created_at: Mapped[datetime] = _created_at()


class Template(Base):
    """A named way to use a render type. Deleting is soft: jobs keep what they used."""

    __tablename__ = "templates"
    __table_args__ = (
        _is_id(Prefix.TEMPLATE),
        CheckConstraint("duration_ms > 0", name="duration_ms"),
        Index(
            "uq_templates_living_name",
            "owner_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    duration_ms: Mapped[int | None]
    format: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    params_schema: Mapped[Json]
    defaults: Mapped[Json]
    created_at: Mapped[datetime] = _created_at()
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[datetime | None]


class Model(Base):
    """An avatar: a persona with its pictures, voice and framing."""

    __tablename__ = "models"
    __table_args__ = (_is_id(Prefix.MODEL), Index("ix_models_tags", "tags", postgresql_using="gin"))

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    stage_name: Mapped[str]
    tags: Mapped[list[str]]
    preset: Mapped[Json]
    asset_ids: Mapped[list[str]]
    created_at: Mapped[datetime] = _created_at()
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class ModelAsset(Base):
    """That a model points to an asset, in ``asset_ids`` or in its preset."""

    __tablename__ = "model_assets"

    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class TemplateAsset(Base):
    """That a living template points to an asset in its defaults."""

    __tablename__ = "template_assets"

    template_id: Mapped[str] = mapped_column(
        ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True
    )
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class Job(Base):
    """A job, and the truth about it. ``lease_token`` fences: a write with an older one is void."""

    __tablename__ = "jobs"
    __table_args__ = (
        _is_id(Prefix.JOB),
        CheckConstraint(
            "status IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED')", name="status"
        ),
        CheckConstraint("(status = 'RUNNING') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint(
            "(status IN ('DONE', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL)",
            name="finished_at",
        ),
        CheckConstraint("(status = 'FAILED') = (error IS NOT NULL)", name="error"),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
        CheckConstraint("status <> 'DONE' OR progress = 1", name="done_progress"),
        CheckConstraint("attempt >= 0 AND failures >= 0 AND crashes >= 0", name="counts"),
        CheckConstraint("lane IN ('interactive', 'batch')", name="lane"),
        Index("ix_jobs_due", "lane", "run_after", postgresql_where=text("status = 'QUEUED'")),
        Index(
            "ix_jobs_waiting",
            "lane",
            "owner_id",
            text("priority DESC"),
            "run_after",
            "id",
            postgresql_where=text("status = 'QUEUED'"),
        ),
        Index("ix_jobs_live", "owner_id", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),
        Index("ix_jobs_leases", "lease_until", postgresql_where=text("status = 'RUNNING'")),
        Index("ix_jobs_owner_id_id", "owner_id", text("id DESC")),
        Index(
            "ix_jobs_owner_id_created_at",
            "owner_id",
            "created_at",
            postgresql_where=text("status IN ('QUEUED', 'RUNNING', 'DONE')"),
        ),
        Index(
            "ix_jobs_owner_id_session_id",
            "owner_id",
            "session_id",
            text("id DESC"),
            postgresql_where=text("session_id IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    name: Mapped[str | None]
    type: Mapped[str]
    template_id: Mapped[str] = mapped_column(ForeignKey("templates.id"), index=True)
    model_ids: Mapped[list[str]]
    inputs: Mapped[Json]
    params: Mapped[Json]
    format: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    duration_ms: Mapped[int | None]
    session_id: Mapped[str | None]
    creation_id: Mapped[str | None]
    client_metadata: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    callback_url: Mapped[str | None]
    lane: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")

    status: Mapped[str]
    phase: Mapped[str]
    progress: Mapped[float] = mapped_column(server_default="0")
    error: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    cancel_requested: Mapped[bool] = mapped_column(server_default="false")

    attempt: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    crashes: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    event_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")

    created_at: Mapped[datetime] = _created_at()
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobInput(Base):
    """That a job takes an asset. The row goes with the asset, once no live job needs it."""

    __tablename__ = "job_inputs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)


class JobModel(Base):
    """That a job uses a model."""

    __tablename__ = "job_models"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class JobAttempt(Base):
    """One attempt at a job, with its own error for good."""

    __tablename__ = "job_attempts"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('RUNNING', 'DONE', 'FAILED', 'CRASHED', 'CANCELLED', 'RELEASED')",
            name="outcome",
        ),
        CheckConstraint("(outcome = 'RUNNING') = (finished_at IS NULL)", name="finished_at"),
        Index(
            "ix_job_attempts_owner_id_finished_at",
            "owner_id",
            "finished_at",
            postgresql_include=["started_at"],
        ),
    )

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    """The job's; here as well, so that an owner's minutes are read from one index."""
    worker: Mapped[str]
    outcome: Mapped[str] = mapped_column(server_default="RUNNING")
    error: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime] = _created_at()
    finished_at: Mapped[datetime | None]


class JobOutput(Base):
    """A file that a job made. The primary key makes a second set of outputs impossible."""

    __tablename__ = "job_outputs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    variant: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str | None] = mapped_column(
        ForeignKey("assets.id", ondelete="SET NULL"), index=True
    )
    object_key: Mapped[str]


class JobEvent(Base):
    """What happened to a job, in order. ``seq`` counts from 1 within the job, without gaps."""

    __tablename__ = "job_events"
    __table_args__ = (
        CheckConstraint("kind IN ('status', 'progress', 'log')", name="kind"),
        Index("ix_job_events_logs", "job_id", "seq", postgresql_where=text("kind = 'log'")),
    )

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    data: Mapped[Json]
    ts: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class IdempotencyKey(Base):
    """A request that was accepted once; the same key answers with the same job until it expires."""

    __tablename__ = "idempotency_keys"

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = _created_at()
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Owner(Base):
    """What is kept of an owner: limits of its own.

    The row is also the lock under which quotas are checked. It is there once it was needed.
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
    created_at: Mapped[datetime] = _created_at()


class Turn(Base):
    """When an owner was last served on a lane: whoever waits longer comes first.

    Not a column of the owner: that row is locked while a job is accepted, and whoever sends many
    would keep its own turn from being recorded.
    """

    __tablename__ = "turns"

    lane: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(primary_key=True)
    served_at: Mapped[datetime]


class ApiKey(Base):
    """A key that was given out. Only a keyed digest of it is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (
        _is_id(Prefix.API_KEY),
        CheckConstraint("role IN ('viewer', 'editor', 'operator', 'admin')", name="role"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[str]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text()))
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = _created_at()
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Notification(Base):
    """News of a job's end that somebody asked for; sent at least once, with the same id."""

    __tablename__ = "notifications"
    __table_args__ = (
        _is_id(Prefix.NOTIFICATION),
        CheckConstraint("channel IN ('webhook')", name="channel"),
        CheckConstraint("state IN ('due', 'sent', 'dead')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        Index("ix_notifications_due", "next_at", postgresql_where=text("state = 'due'")),
        Index("ix_notifications_over", "created_at", postgresql_where=text("state <> 'due'")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    target: Mapped[str]
    body: Mapped[Json]
    state: Mapped[str] = mapped_column(server_default="due")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = _created_at()
    sent_at: Mapped[datetime | None]


class MediaFile(Base):
    """What the media server calls an asset, from before it is there: ``video_<uuid>.mp4``."""

    __tablename__ = "media_files"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str]
    asset_id: Mapped[str] = mapped_column(index=True)
    job_id: Mapped[str | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), index=True
    )
    """The job that makes it; ``None`` for an upload."""
    created_at: Mapped[datetime] = _created_at()


class Counter(Base):
    """A number that only rises, kept here because many processes add to it."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, server_default="0")
