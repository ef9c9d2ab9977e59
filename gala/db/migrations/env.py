"""Alembic's environment; it uses the connection that `gala.db.migrate` passes."""

from __future__ import annotations

from alembic import context

from gala.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
