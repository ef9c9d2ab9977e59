"""Identities, quotas, pending assets, notifications, and client metadata of jobs.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _since(name: str = "created_at") -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _id(table: str, prefix: str) -> sa.CheckConstraint:
    return _check(table, "id", f"id ~ '^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$'")


def upgrade() -> None:
    _create_owners()
    _create_turns()
    _create_api_keys()
    _create_promised_assets()
    _create_notifications()
    for column in ("session_id", "creation_id", "callback_url"):
        op.add_column("jobs", _text(column, nullable=True))
    op.add_column("jobs", _json("client_metadata", nullable=True))
    _index_due("run_after")
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["lane", "owner_id", sa.text("priority DESC"), "run_after", "id"],
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    op.create_index(
        "ix_jobs_live",
        "jobs",
        ["owner_id"],
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_index(
        "ix_jobs_owner_id_created_at",
        "jobs",
        ["owner_id", "created_at"],
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING', 'DONE')"),
    )
    op.create_index(
        "ix_jobs_owner_id_session_id",
        "jobs",
        ["owner_id", "session_id", sa.text("id DESC")],
        postgresql_where=sa.text("session_id IS NOT NULL"),
    )
    _count_by_owner()


def _count_by_owner() -> None:
    op.add_column("job_attempts", _text("owner_id", nullable=True))
    op.execute("UPDATE job_attempts SET owner_id = jobs.owner_id FROM jobs WHERE id = job_id")
    op.alter_column("job_attempts", "owner_id", nullable=False)
    op.create_index(
        "ix_job_attempts_owner_id_finished_at",
        "job_attempts",
        ["owner_id", "finished_at"],
        postgresql_include=["started_at"],
    )
    op.create_index("ix_assets_owner_id", "assets", ["owner_id"], postgresql_include=["size_bytes"])


def _index_due(*columns: str) -> None:
    op.drop_index("ix_jobs_due", table_name="jobs")
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["lane", *map(sa.text, columns)],
        postgresql_where=sa.text("status = 'QUEUED'"),
    )


def _create_owners() -> None:
    limits = ("jobs_at_once", "jobs_per_day", "minutes_per_day")
    op.create_table(
        "owners",
        _text("id"),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in limits),
        sa.Column("bytes_stored", sa.BigInteger(), nullable=True),
        _since(),
        _check(
            "owners",
            "limits",
            "jobs_at_once >= 0 AND jobs_per_day >= 0 AND minutes_per_day >= 0"
            " AND bytes_stored >= 0",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owners")),
    )


def _create_turns() -> None:
    op.create_table(
        "turns",
        _text("lane"),
        _text("owner_id"),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lane", "owner_id", name=op.f("pk_turns")),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        _text("id"),
        _text("owner_id"),
        _text("name"),
        _text("role"),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=True),
        _text("digest"),
        _since(),
        _moment("expires_at"),
        _moment("last_used_at"),
        _moment("revoked_at"),
        _id("api_keys", "key"),
        _check("api_keys", "role", "role IN ('viewer', 'editor', 'operator', 'admin')"),
        _check("api_keys", "digest", "digest ~ '^[0-9a-f]{64}$'"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_owner_id"), "api_keys", ["owner_id"])


def _create_promised_assets() -> None:
    op.create_table(
        "promised_assets",
        _text("id"),
        _text("owner_id"),
        _text("job_id"),
        _text("role"),
        _text("kind"),
        _text("label", nullable=True),
        _text("filename", nullable=True),
        _since(),
        _id("promised_assets", "ast"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_promised_assets_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promised_assets")),
        sa.UniqueConstraint("job_id", "role", name=op.f("uq_promised_assets_job_id_role")),
    )
    op.create_index(
        "ix_promised_assets_owner_id_id", "promised_assets", ["owner_id", sa.text("id DESC")]
    )


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        _text("id"),
        _text("owner_id"),
        _text("job_id"),
        _text("channel"),
        _text("target"),
        _json("body"),
        sa.Column("state", sa.Text(), server_default="due", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _since("next_at"),
        _text("last_error", nullable=True),
        _since(),
        _moment("sent_at"),
        _id("notifications", "msg"),
        _check("notifications", "channel", "channel IN ('webhook')"),
        _check("notifications", "state", "state IN ('due', 'sent', 'dead')"),
        _check("notifications", "sent_at", "(state = 'sent') = (sent_at IS NOT NULL)"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_notifications_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(op.f("ix_notifications_job_id"), "notifications", ["job_id"])
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["next_at"],
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index(
        "ix_notifications_over",
        "notifications",
        ["created_at"],
        postgresql_where=sa.text("state <> 'due'"),
    )


def downgrade() -> None:
    op.drop_index("ix_assets_owner_id", table_name="assets")
    op.drop_column("job_attempts", "owner_id")
    for name in ("session_id", "created_at"):
        op.drop_index(f"ix_jobs_owner_id_{name}", table_name="jobs")
    for name in ("live", "waiting"):
        op.drop_index(f"ix_jobs_{name}", table_name="jobs")
    _index_due("priority DESC", "run_after")
    for column in ("client_metadata", "callback_url", "creation_id", "session_id"):
        op.drop_column("jobs", column)
    for table in ("notifications", "promised_assets", "api_keys", "turns", "owners"):
        op.drop_table(table)
