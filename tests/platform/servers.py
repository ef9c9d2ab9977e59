"""Real servers for tests: one PostgreSQL and one Valkey for the whole run, or one of your own.

Fixtures, all offered by :mod:`tests.conftest`:

``database_url``
    a fresh, migrated database for this test (about 30 ms; dropped afterwards);
``new_database``
    ``new_database(migrated=True) -> url``, for modules and sessions that share one;
``redis_url``
    an empty logical database of the shared Valkey for this test;
``own_postgres``, ``own_valkey``
    a server that this test alone has, to kill, stop and start: ``server.process`` is a
    :class:`gala.supervisor.Process`, ``server.url()`` its URL, ``server.start()`` starts it again
    on the same data and port. The own PostgreSQL's database is migrated.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gala.embedded_servers import Postgres, Valkey
from gala.embedded_servers.postgres import DATABASE
from gala.embedded_servers.valkey import DATABASES
from gala.supervisor import Process

_TEMPLATE = "gala_template"
_numbers = itertools.count(1)


class Server:
    """An embedded server and its process."""

    def __init__(self, embedded: Postgres | Valkey):
        embedded.prepare()
        self.embedded = embedded
        self.process = Process(embedded.program())
        self.start()

    def start(self) -> None:
        """Start it (again) and wait until it answers."""
        self.process.start()
        self.process.wait_ready()

    def stop(self) -> None:
        """Stop it as an operator would."""
        self.process.stop()


class PostgresServer(Server):
    """A PostgreSQL that hands out databases."""

    embedded: Postgres

    def __init__(self, folder: Path):
        super().__init__(Postgres(folder, throwaway=True))
        self._has_template = False

    def url(self, database: str = DATABASE) -> str:
        """The ``DATABASE_URL`` of one of its databases."""
        return self.embedded.url(database)

    def execute(self, statement: str, *names: str, database: str = DATABASE) -> None:
        """Run one statement as the superuser; each ``{}`` stands for a name."""
        url = self.url(database).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))

    def create_database(self, *, migrated: bool = True) -> str:
        """Make a database with a name of its own; the name."""
        name = f"test_{next(_numbers)}"
        template = self._template() if migrated else "template1"
        self.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def drop_database(self, name: str) -> None:
        """Remove it, throwing out whoever is still connected."""
        self.execute("DROP DATABASE {} WITH (FORCE)", name)

    def _template(self) -> str:
        if not self._has_template:
            from gala.db.migrate import upgrade

            self.execute("CREATE DATABASE {}", _TEMPLATE)
            upgrade(self.url(_TEMPLATE))
            self._has_template = True
        return _TEMPLATE


class ValkeyServer(Server):
    """A Valkey with many logical databases."""

    embedded: Valkey

    def __init__(self, folder: Path):
        super().__init__(Valkey(folder))

    def url(self, database: int = 0) -> str:
        """The ``REDIS_URL`` of one logical database."""
        return self.embedded.url(database)


def _folder() -> Iterator[Path]:
    # Short, because of the socket in it, and open to pass through for the server's user.
    folder = Path(tempfile.mkdtemp(prefix="gala-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the shared servers keep their data."""
    yield from _folder()


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder for servers of this test's own; its path is short enough for sockets."""
    yield from _folder()


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path) -> Iterator[PostgresServer]:
    """The PostgreSQL that all tests share; never stop it."""
    server = PostgresServer(servers_folder / "postgres")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_server(servers_folder: Path) -> Iterator[ValkeyServer]:
    """The Valkey that all tests share; never stop or FLUSHALL it."""
    server = ValkeyServer(servers_folder / "valkey")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def new_database(postgres_server: PostgresServer) -> Callable[..., str]:
    """Makes databases that live until the end of the run: ``new_database(migrated=True)``."""

    def make(*, migrated: bool = True) -> str:
        return postgres_server.url(postgres_server.create_database(migrated=migrated))

    return make


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, migrated database for one test."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def redis_url(valkey_server: ValkeyServer) -> str:
    """An empty logical database for one test."""
    number = next(_numbers)
    assert number < DATABASES
    return valkey_server.url(number)


@pytest.fixture
def own_postgres(own_folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL for one test; its database is migrated."""
    from gala.db.migrate import upgrade

    server = PostgresServer(own_folder / "postgres")
    upgrade(server.url())
    yield server
    server.stop()


@pytest.fixture
def own_valkey(own_folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey for one test."""
    server = ValkeyServer(own_folder / "valkey")
    yield server
    server.stop()
