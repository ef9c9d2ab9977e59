"""Properties of the embedded servers that the platform and the tests rely on."""

from __future__ import annotations

import signal
from collections.abc import Callable

import psutil
import psycopg
import pytest
import redis

from gala.embedded_servers import postgres
from gala.errors import GalaError
from tests.platform.servers import PostgresServer, ValkeyServer


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_each_test_gets_a_migrated_database(database_url: str) -> None:
    with _connect(database_url) as connection:
        found = connection.execute("SELECT to_regclass('jobs') IS NOT NULL").fetchone()
    assert found == (True,)


def test_databases_do_not_see_each_other(new_database: Callable[..., str]) -> None:
    first, second = new_database(migrated=False), new_database(migrated=False)
    with _connect(first) as connection:
        connection.execute("CREATE TABLE only_here ()")
    with _connect(second) as connection:
        assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_redis_refuses_to_drop_what_it_was_given(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_redis_wants_the_password(redis_url: str) -> None:
    without_password = redis.Redis.from_url("redis://" + redis_url.partition("@")[2])
    try:
        without_password.ping()
    except redis.AuthenticationError:
        return
    raise AssertionError("Redis accepts clients without the password")


def test_a_commit_survives_a_killed_postgres(own_postgres: PostgresServer) -> None:
    with _connect(own_postgres.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    own_postgres.process.kill()
    own_postgres.start()
    with _connect(own_postgres.url()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_killed_valkey_comes_back_on_the_same_url(own_valkey: ValkeyServer) -> None:
    own_valkey.process.kill()
    own_valkey.start()
    with redis.Redis.from_url(own_valkey.url()) as client:
        assert client.ping()


def test_servers_do_not_inherit_the_environment(own_valkey: ValkeyServer) -> None:
    names = psutil.Process(own_valkey.process.pid).environ()
    # Valkey's process title overwrites them.
    assert set(names) <= {"LC_ALL", "TZ", "PATH"}
    assert set(own_valkey.embedded.program().env or {}) == {"LC_ALL", "TZ", "PATH"}


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(own_postgres: PostgresServer) -> None:
    own_postgres.process.kill()
    pid_file = own_postgres.embedded.folder / "data-18" / "postmaster.pid"
    _, *rest = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join(["1", *rest]))
    own_postgres.embedded.prepare()
    own_postgres.start()
    assert own_postgres.process.running


def test_a_server_that_outlived_its_supervisor_is_ended_first(
    own_postgres: PostgresServer,
) -> None:
    own_postgres.embedded.prepare()
    assert not own_postgres.process.running
    own_postgres.start()


def test_a_server_that_does_not_stop_is_ended_by_force_and_keeps_its_commits(
    own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _connect(own_postgres.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    shutdowns = [(signum, min(wait, 0.2)) for signum, wait in postgres._SHUTDOWNS]
    monkeypatch.setattr(postgres, "_SHUTDOWNS", [(signal.SIGCONT, 0.1)])
    with pytest.raises(GalaError, match=str(own_postgres.process.tree()[0].pid)) as refused:
        own_postgres.embedded.prepare()
    assert refused.value.hint
    monkeypatch.setattr(postgres, "_SHUTDOWNS", shutdowns)
    # Suspended, it does not obey the signals of a shutdown.
    own_postgres.process.send(signal.SIGSTOP)
    own_postgres.embedded.prepare()
    assert not own_postgres.process.running
    own_postgres.start()
    with _connect(own_postgres.url()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
