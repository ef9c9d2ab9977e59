"""Migrate a database to a revision. Safe to call from several processes at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gala.db import builtin_templates
from gala.db.engine import driver_url

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x67616C61
"""Key of the advisory lock held during a migration ("gala" in ASCII)."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _run(url: str, revision: str, *, up: bool) -> None:
    engine = create_engine(driver_url(url), poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        (command.upgrade if up else command.downgrade)(_config(connection), revision)
        if up and revision == "head":
            builtin_templates.sync(Session(connection))
        connection.commit()
    engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the missing migrations up to ``revision`` and refresh the built-in templates.

    Runs in one transaction under a lock: a second process finds nothing left to do, and a failed
    migration leaves the database unchanged.
    """
    _run(url, revision, up=True)


def downgrade(url: str, revision: str = "base") -> None:
    """Revert migrations down to ``revision``; their data is lost."""
    _run(url, revision, up=False)
