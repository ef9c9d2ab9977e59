"""Migrate a database to a revision. Safe to call from several processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gala.db import template_fingerprint
from gala.db.engine import driver_url

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x67616C61
"""Key of the advisory lock held during a migration ("gala" in ASCII)."""


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """Open a transaction in which no other process migrates; commit it at the end."""
    engine = create_engine(driver_url(url), poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
        connection.commit()
    engine.dispose()


def _to_head(connection: Connection) -> None:
    if _current(connection) != _newest():
        _migrate(connection, "head", up=True)


def _refresh_templates(connection: Connection) -> None:
    if template_fingerprint.is_current(connection):
        return
    # Late: this takes longer than the rest of a start.
    from gala.db import builtin_templates  # noqa: PLC0415

    builtin_templates.sync(Session(connection))
    template_fingerprint.record(connection)


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
    with _locked(url) as connection:
        if revision == "head":
            _to_head(connection)
            _refresh_templates(connection)
        else:
            _migrate(connection, revision, up=True)


def upgrade_schema(url: str) -> None:
    """Apply the missing migrations, as :func:`upgrade`, without the built-in templates.

    For processes that do not offer templates: workers. The schemas of all types take longer to
    generate than the rest of their start.
    """
    with _locked(url) as connection:
        _to_head(connection)


def downgrade(url: str, revision: str = "base") -> None:
    """Revert migrations down to ``revision``; their data is lost."""
    with _locked(url) as connection:
        _migrate(connection, revision, up=False)
