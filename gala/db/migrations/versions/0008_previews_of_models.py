"""Previews of models, consent notes, and who uploaded a presenter's body.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("models", sa.Column("consent", sa.Text(), nullable=True))
    op.add_column("models", sa.Column("uploaded_by", sa.Text(), nullable=True))
    op.add_column("models", sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "models",
        sa.Column(
            "body_warnings", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.create_table(
        "model_previews",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('found', 'neutral', 'clip')", name=op.f("ck_model_previews_kind")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["models.id"],
            name=op.f("fk_model_previews_model_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["provider", "object_key"],
            ["objects.provider", "objects.object_key"],
            name=op.f("fk_model_previews_provider"),
        ),
        sa.PrimaryKeyConstraint("model_id", "kind", name=op.f("pk_model_previews")),
    )
    op.create_index("ix_model_previews_object", "model_previews", ["provider", "object_key"])


def downgrade() -> None:
    op.drop_table("model_previews")
    for column in ("body_warnings", "uploaded_at", "uploaded_by", "consent"):
        op.drop_column("models", column)
