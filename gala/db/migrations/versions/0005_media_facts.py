"""Length, size and frame rate of assets.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("duration_ms", "width", "height"):
        op.add_column("assets", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("assets", sa.Column("fps", sa.Double(), nullable=True))


def downgrade() -> None:
    for name in ("fps", "height", "width", "duration_ms"):
        op.drop_column("assets", name)
