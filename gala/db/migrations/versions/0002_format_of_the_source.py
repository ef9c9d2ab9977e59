"""Templates and jobs without a format: their output has the format of its source.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("templates", "jobs")
_FORMAT = '{"width": 1080, "height": 1920, "fps": 30}'


def upgrade() -> None:
    for table in _TABLES:
        op.alter_column(table, "format", nullable=True)


def downgrade() -> None:
    # The previous version cannot read a job without a format.
    for table in _TABLES:
        op.execute(f"UPDATE {table} SET format = '{_FORMAT}' WHERE format IS NULL")  # noqa: S608
        op.alter_column(table, "format", nullable=False)
