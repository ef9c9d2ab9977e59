"""Connections and sessions to Postgres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import PostgresDsn
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]

DATABASE_ERRORS: Final = (DBAPIError, PoolTimeout)
"""What is raised if Postgres does not do what it was asked for, or no connection gets free."""

KEEPALIVE: Final[Mapping[str, Any]] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""TCP settings that detect a vanished server within 25 s; the default is two hours."""


def driver_url(url: str | PostgresDsn) -> str:
    """Return the URL with psycopg 3 as driver; any form of ``postgres://`` is accepted."""
    parsed = make_url(str(url))
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def make_engine(url: str | PostgresDsn, *, name: str, pool_size: int = 5) -> Engine:
    """Return an engine with ``pool_size`` connections, named ``name`` in pg_stat_activity.

    Statements time out after 30 s and idle transactions after 60 s, so that a stuck client cannot
    hold row locks for longer.
    """
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "application_name": name,
            "connect_timeout": 5,
            **KEEPALIVE,
            "options": "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000",
        },
    )


def make_sessions(engine: Engine) -> Sessions:
    """Return a session factory whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """Open a session in a transaction: commit at the end, roll back on any exception."""
    with sessions() as session, session.begin():
        yield session


def driver_message(error: SQLAlchemyError) -> str:
    """Return the first line of the message, the driver's if it is its own error, for logs."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]
