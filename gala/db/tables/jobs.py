"""Tables of jobs: the job itself, its inputs, attempts, outputs, events and notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gala.db.tables.base import Base, Json, created_at_column, is_id_check
from gala.ids import Prefix


class Job(Base):
    """A job; the single source of truth. A write with an outdated ``lease_token`` has no effect."""

    __tablename__ = "jobs"
    __table_args__ = (
        is_id_check(Prefix.JOB),
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
    template_version: Mapped[int | None]
    """NULL for jobs of earlier releases."""
    template_params: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """What was sent, where ``params`` is the composition that the template became with it."""
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

    created_at: Mapped[datetime] = created_at_column()
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobInput(Base):
    """A reference of a job to an input asset. Deleted with the asset once no live job needs it."""

    __tablename__ = "job_inputs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)


class JobModel(Base):
    """A reference of a job to a model."""

    __tablename__ = "job_models"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class JobAttempt(Base):
    """One attempt at a job; it keeps its own error."""

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
    """The job's owner; stored here so that an owner's minutes are read from one index."""
    worker: Mapped[str]
    outcome: Mapped[str] = mapped_column(server_default="RUNNING")
    error: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime] = created_at_column()
    finished_at: Mapped[datetime | None]


class JobOutput(Base):
    """An output of a job. The primary key makes a second set of outputs impossible."""

    __tablename__ = "job_outputs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    variant: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str | None] = mapped_column(
        ForeignKey("assets.id", ondelete="SET NULL"), index=True
    )
    object_key: Mapped[str]


class JobEvent(Base):
    """An event of a job. ``seq`` counts from 1 within the job, without gaps."""

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
    """An idempotency key; until it expires, requests with it return the same job."""

    __tablename__ = "idempotency_keys"

    owner_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = created_at_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Notification(Base):
    """A webhook notification of a job's end; sent at least once, always with the same id."""

    __tablename__ = "notifications"
    __table_args__ = (
        is_id_check(Prefix.NOTIFICATION),
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
    created_at: Mapped[datetime] = created_at_column()
    sent_at: Mapped[datetime | None]
