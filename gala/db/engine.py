"""How the processes reach Postgres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import PostgresDsn
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]

KEEPALIVE: Final[Mapping[str, Any]] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that vanished without a word is noticed within 25 s; by default after two hours."""


def driver_url(url: str | PostgresDsn) -> str:
    """The URL with psycopg 3 named as driver, whatever form of ``postgres://`` was given."""
    parsed = make_url(str(url))
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def make_engine(url: str | PostgresDsn, *, name: str, pool_size: int = 5) -> Engine:
    """An engine with a pool of ``pool_size`` connections; ``name`` shows in pg_stat_activity.

    A statement may take 30 s and a transaction may idle 60 s: a stuck client cannot hold row
    locks for longer.
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
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """A session in a transaction: committed at the end, rolled back on any exception."""
    with sessions() as session, session.begin():
        yield session


def driver_message(error: DBAPIError) -> str:
    """The first line of what the driver said: enough for a log."""
    return str(error.orig).partition("\n")[0]
