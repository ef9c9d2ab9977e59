"""Migrate a database to a revision. Safe to call from several processes at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gala.db import builtin_templates
from gala.db.engine import driver_url

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x67616C61
"""Key of the advisory lock held during a migration ("gala" in ASCII)."""


def _run(url: str, revision: str, *, up: bool) -> None:
    engine = create_engine(driver_url(url), poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        to_head = up and revision == "head"
        if not (to_head and _current(connection) == _newest()):
            _migrate(connection, revision, up=up)
        if to_head:
            builtin_templates.sync(Session(connection))
        connection.commit()
    engine.dispose()


def _current(connection: Connection) -> str | None:
    """Return the revision of the database, or None of an empty one."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _newest() -> str:
    """Return the last revision, by which the file of its migration begins."""
    return max(path.name for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")).split("_")[0]


def _migrate(connection: Connection, revision: str, *, up: bool) -> None:
    # Alembic takes a fifth of the start of a process, and most starts find nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    (command.upgrade if up else command.downgrade)(config, revision)


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the missing migrations up to ``revision`` and refresh the built-in templates.

    Runs in one transaction under a lock: a second process finds nothing left to do, and a failed
    migration leaves the database unchanged.
    """
    _run(url, revision, up=True)


def downgrade(url: str, revision: str = "base") -> None:
    """Revert migrations down to ``revision``; their data is lost."""
    _run(url, revision, up=False)
