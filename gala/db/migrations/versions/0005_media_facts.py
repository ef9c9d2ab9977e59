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

_TYPES = {
    "duration_ms": sa.Integer(),
    "width": sa.Integer(),
    "height": sa.Integer(),
    "fps": sa.Double(),
}


def upgrade() -> None:
    for name, type_ in _TYPES.items():
        op.add_column("assets", sa.Column(name, type_, nullable=True))


def downgrade() -> None:
    for name in reversed(_TYPES):
        op.drop_column("assets", name)
