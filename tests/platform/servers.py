"""Real PostgreSQL and Valkey servers for tests.

All tests of a run share one of each. Under xdist the controller starts them before its workers
and stops them after the last one (:class:`RunServers`), so that a worker that crashes takes no
server with it; without xdist the first test that needs one starts it.

Fixtures, all offered by :mod:`tests.conftest`:

``database_url``
    a fresh, migrated database for this test (about 30 ms; dropped afterwards);
``new_database``
    ``new_database(migrated=True) -> url``, for modules and sessions that share one;
``redis_url``
    an empty logical database of the shared Valkey for this test;
``new_redis_url``
    ``new_redis_url() -> url``, an empty logical database until the end of the run;
``own_postgres``, ``own_valkey``
    a server for this test alone, to kill, stop and start: ``server.process`` is a
    :class:`gala.supervisor.Process`, ``server.url()`` its URL, ``server.start()`` starts it again
    on the same data and port. The own PostgreSQL's database is migrated.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest
import redis
from psycopg.sql import SQL, Identifier

from gala.embedded_servers import Postgres, Valkey
from gala.embedded_servers.postgres import DATABASE
from gala.embedded_servers.valkey import DATABASES
from gala.supervisor import Process

_TEMPLATE: Final = "gala_template"
_TEMPLATE_LOCK: Final = 1


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

    def url(self) -> str:
        """Return the ``DATABASE_URL`` or ``REDIS_URL`` of its default database."""
        return self.embedded.url()


class PostgresServer(Server):
    """A PostgreSQL with its data in ``folder``."""

    embedded: Postgres

    def __init__(self, folder: Path):
        super().__init__(Postgres(folder, throwaway=True))


class ValkeyServer(Server):
    """A Valkey with its files in ``folder``."""

    embedded: Valkey

    def __init__(self, folder: Path):
        super().__init__(Valkey(folder))


class PostgresDatabases:
    """Creates and drops databases of a running PostgreSQL, whichever process started it.

    ``process_name`` keeps the names of several test processes apart.
    """

    def __init__(self, folder: Path, process_name: str):
        self._postgres = Postgres(folder)
        self._process_name = process_name
        self._numbers = itertools.count(1)
        self._has_template = False

    def url(self, database: str = DATABASE) -> str:
        """Return the ``DATABASE_URL`` of one of its databases."""
        return self._postgres.url(database)

    def execute(self, statement: str, *names: str) -> None:
        """Run one statement as the superuser; each ``{}`` stands for a name."""
        with self._connect() as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))

    def create_database(self, *, migrated: bool = True) -> str:
        """Create a database with a new name and return the name."""
        name = f"test_{self._process_name}_{next(self._numbers)}"
        template = self._template() if migrated else "template1"
        self.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def drop_database(self, name: str) -> None:
        """Drop it, ending the connections that are still open."""
        self.execute("DROP DATABASE {} WITH (FORCE)", name)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True)

    def _template(self) -> str:
        """Create the migrated template unless this or another process already has."""
        if not self._has_template:
            with self._connect() as connection:
                connection.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
                known = "SELECT 1 FROM pg_database WHERE datname = %s"
                if connection.execute(known, [_TEMPLATE]).fetchone() is None:
                    self._create_template()
            self._has_template = True
        return _TEMPLATE

    def _create_template(self) -> None:
        from gala.db.migrate import upgrade

        # Renamed when migrated: a process that ends before leaves no half of a template.
        unfinished = f"{_TEMPLATE}_{self._process_name}"
        self.execute("CREATE DATABASE {}", unfinished)
        upgrade(self.url(unfinished))
        self.execute("ALTER DATABASE {} RENAME TO {}", unfinished, _TEMPLATE)


class ValkeyDatabases:
    """Hands out the logical databases of a running Valkey, each once.

    Database 0 has the counter, so that several test processes can share the server.
    """

    def __init__(self, url: str):
        self._prefix = url.rpartition("/")[0]
        self._counter = redis.Redis.from_url(url)

    def new_url(self) -> str:
        """Return the ``REDIS_URL`` of an empty database that nothing else uses."""
        number = int(self._counter.incr("databases handed out"))
        assert number < DATABASES, "the tests' Valkey has no unused logical database"
        return f"{self._prefix}/{number}"

    def close(self) -> None:
        """Close the connection."""
        self._counter.close()


class RunServers:
    """The servers of a whole xdist run, started by its controller."""

    def __init__(self) -> None:
        self._folder = _make_folder()
        self._postgres = PostgresServer(self._folder / "postgres")
        self._valkey = ValkeyServer(self._folder / "valkey")

    def addresses(self) -> dict[str, str]:
        """Return what a worker needs to use them, for xdist's ``workerinput``."""
        return {
            "postgres_folder": str(self._postgres.embedded.folder),
            "valkey_url": self._valkey.url(),
        }

    def stop(self) -> None:
        """Stop both and remove their data."""
        self._postgres.stop()
        self._valkey.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _make_folder() -> Path:
    # Short, because of the socket in it, and open to pass through for the server's user.
    folder = Path(tempfile.mkdtemp(prefix="gala-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder for servers of this test's own; its path is short enough for sockets."""
    folder = _make_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where the servers of a run without xdist keep their data."""
    folder = _make_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _of_the_controller(request: pytest.FixtureRequest, name: str) -> str | None:
    """Return an address from the xdist controller, or None in a run without xdist."""
    address: str | None = getattr(request.config, "workerinput", {}).get(name)
    return address


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[PostgresDatabases]:
    """The PostgreSQL that all tests share; never stop it."""
    shared = _of_the_controller(request, "postgres_folder")
    if shared is not None:
        yield PostgresDatabases(Path(shared), os.environ["PYTEST_XDIST_WORKER"])
        return
    server = PostgresServer(request.getfixturevalue("servers_folder") / "postgres")
    yield PostgresDatabases(server.embedded.folder, "main")
    server.stop()


@pytest.fixture(scope="session")
def valkey_server(request: pytest.FixtureRequest) -> Iterator[ValkeyDatabases]:
    """The Valkey that all tests share; never stop or FLUSHALL it."""
    shared = _of_the_controller(request, "valkey_url")
    server = None
    if shared is None:
        server = ValkeyServer(request.getfixturevalue("servers_folder") / "valkey")
        shared = server.url()
    databases = ValkeyDatabases(shared)
    yield databases
    databases.close()
    if server is not None:
        server.stop()


@pytest.fixture(scope="session")
def new_database(postgres_server: PostgresDatabases) -> Callable[..., str]:
    """Makes databases that live until the end of the run: ``new_database(migrated=True)``."""

    def make(*, migrated: bool = True) -> str:
        return postgres_server.url(postgres_server.create_database(migrated=migrated))

    return make


@pytest.fixture
def database_url(postgres_server: PostgresDatabases) -> Iterator[str]:
    """A fresh, migrated database for one test."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def new_redis_url(valkey_server: ValkeyDatabases) -> Callable[[], str]:
    """Hands out empty logical databases until the end of the run."""
    return valkey_server.new_url


@pytest.fixture
def redis_url(valkey_server: ValkeyDatabases) -> str:
    """An empty logical database for one test."""
    return valkey_server.new_url()


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
