"""Bring a database to a revision. Safe to call from many processes at once."""

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
"""Advisory lock that says: somebody is migrating ("gala" in ASCII)."""


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
    """Apply what is missing up to ``revision`` and refresh the built-in templates.

    One transaction under a lock: whoever comes second finds nothing left to do, and a migration
    that fails leaves the database as it was.
    """
    _run(url, revision, up=True)


def downgrade(url: str, revision: str = "base") -> None:
    """Take back migrations down to ``revision``; their data is lost."""
    _run(url, revision, up=False)
