"""The owners' lists of pronunciations.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pronunciation_lists",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "jsonb_typeof(entries) = 'array'", name=op.f("ck_pronunciation_lists_entries")
        ),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_pronunciation_lists")),
    )


def downgrade() -> None:
    op.drop_table("pronunciation_lists")
