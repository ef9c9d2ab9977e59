"""The database: migrations up, down and up again, and constraints against invalid states."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from gala.db import builtin_templates as template_sync
from gala.db import template_fingerprint
from gala.db.engine import driver_url
from gala.db.migrate import downgrade, upgrade, upgrade_schema
from gala.db.tables import Base
from gala.ids import builtin_template_id
from gala.job import ALLOWED_MOVES, ENDED, JobStatus
from gala.render_types import all_types
from gala.templates.builtin import builtin_templates

NOBODY = "01JD3Z4V8QJ6X2M0T5B7C9D1EF"
JOB = f"job_{NOBODY}"
ASSET = f"ast_{NOBODY}"
SHA256 = "0" * 64


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def tables(url: str) -> set[str]:
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        found = {name for (name,) in rows}
    engine.dispose()
    return found - {"alembic_version"}


def test_migrations_go_up_down_and_up_again(new_database: Callable[..., str]) -> None:
    url = new_database(migrated=False)
    upgrade(url)
    assert tables(url) == set(Base.metadata.tables)
    downgrade(url)
    assert tables(url) == set()
    upgrade(url)
    assert tables(url) == set(Base.metadata.tables)


def test_a_database_at_the_newest_revision_is_left_as_it_is_without_alembic(
    new_database: Callable[..., str],
) -> None:
    program = "import sys; from gala.db.migrate import upgrade; upgrade(sys.argv[1])"
    program += "; print('alembic' in sys.modules)"
    url = new_database(migrated=False)
    for needed in ("True", "False"):
        done = subprocess.run(
            [sys.executable, "-c", program, url], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [needed]


def test_what_offers_no_templates_migrates_without_them(
    new_database: Callable[..., str],
) -> None:
    url = new_database(migrated=False)
    upgrade_schema(url)
    assert tables(url) == set(Base.metadata.tables)
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM templates")).scalar_one() == 0
    engine.dispose()


def test_going_down_leaves_no_function_or_type(new_database: Callable[..., str]) -> None:
    url = new_database()
    downgrade(url)
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        ).scalar_one()
    engine.dispose()
    assert left == 0


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = create_engine(driver_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        difference = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert difference == []


def test_eight_processes_may_migrate_at_once(new_database: Callable[..., str]) -> None:
    url = new_database(migrated=False)
    failed: list[BaseException] = []

    def migrate() -> None:
        try:
            upgrade(url)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells of it
            failed.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert tables(url) == set(Base.metadata.tables)


def test_every_type_has_its_template_and_migrating_again_refreshes_it(
    database_url: str, connection: psycopg.Connection
) -> None:
    compositions = (f"composition:{name}" for name in builtin_templates())
    ids = sorted(builtin_template_id(name) for name in (*all_types(), *compositions))
    found = connection.execute("SELECT id FROM templates ORDER BY id").fetchall()
    assert [row[0] for row in found] == ids
    connection.execute("UPDATE templates SET params_schema = '{}'")
    upgrade(database_url)
    changed = connection.execute("SELECT count(*) FROM templates WHERE params_schema = '{}'")
    assert changed.fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM templates").fetchone() == (len(ids),)


@pytest.mark.parametrize(
    ("column", "stale"),
    [
        ("format", '{"width": 2, "height": 2, "fps": 1}'),
        ("format", None),
        ("duration_ms", 1),
        ("name", "before"),
        ("defaults", '{"text": "before"}'),
    ],
)
def test_migrating_again_refreshes_whatever_a_type_has_changed(
    database_url: str, connection: psycopg.Connection, column: str, stale: object
) -> None:
    builtin = (builtin_template_id("hello_render"),)
    select = f"SELECT {column}, updated_at FROM templates WHERE id = %s"
    current, before = connection.execute(select, builtin).fetchone() or (None, None)
    connection.execute(f"UPDATE templates SET {column} = %s WHERE id = %s", [stale, *builtin])
    upgrade(database_url)
    refreshed, after = connection.execute(select, builtin).fetchone() or (None, None)
    assert refreshed == current
    assert after != before
    upgrade(database_url)
    assert connection.execute(select, builtin).fetchone() == (current, after)


def test_templates_are_generated_again_only_if_their_sources_or_rows_have_changed(
    database_url: str, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Session] = []
    sync = template_sync.sync

    def noting(session: Session) -> None:
        synced.append(session)
        sync(session)

    monkeypatch.setattr(template_sync, "sync", noting)

    def generates_templates() -> bool:
        before = len(synced)
        upgrade(database_url)
        return len(synced) > before

    assert not generates_templates()
    connection.execute("UPDATE templates SET description = 'before'")
    assert generates_templates()
    assert not generates_templates()
    connection.execute("COMMENT ON TABLE alembic_version IS 'of another release'")
    assert generates_templates()
    assert not generates_templates()


def test_a_start_that_generates_no_templates_does_not_import_what_does(database_url: str) -> None:
    program = (
        "import sys; from gala.db.migrate import upgrade; upgrade(sys.argv[1]);"
        "print('gala.db.builtin_templates' in sys.modules)"
    )
    argv = [sys.executable, "-c", program, database_url]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_role_that_may_not_comment_tables_starts_all_the_same(database_url: str) -> None:
    engine = create_engine(driver_url(database_url))
    with engine.connect() as connection:
        assert template_fingerprint.is_current(connection)
        connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
        # Gone with this transaction.
        connection.execute(text("CREATE ROLE guest"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest"))
        connection.execute(text("SET LOCAL ROLE guest"))
        template_fingerprint.record(connection)
        assert not template_fingerprint.is_current(connection)
        connection.rollback()
    engine.dispose()


def insert(connection: psycopg.Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def a_job(**values: Any) -> dict[str, Any]:
    return {
        "id": JOB,
        "owner_id": "local",
        "type": "hello_render",
        "template_id": builtin_template_id("hello_render"),
        "model_ids": [],
        "inputs": "{}",
        "params": "{}",
        "format": "{}",
        "lane": "batch",
        "status": "QUEUED",
        "phase": "waiting",
        **values,
    }


def an_asset(**values: Any) -> dict[str, Any]:
    return {
        "id": ASSET,
        "owner_id": "local",
        "kind": "other",
        "provider": "localfs",
        "object_key": "k",
        "mime": "text/plain",
        "size_bytes": 1,
        "sha256": SHA256,
        **values,
    }


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"id": "job_1"}, "ck_jobs_id"),
        ({"id": ASSET}, "ck_jobs_id"),
        ({"status": "SLEEPING"}, "ck_jobs_status"),
        ({"status": "RUNNING"}, "ck_jobs_lease"),
        ({"lease_until": "now"}, "ck_jobs_lease"),
        ({"status": "DONE", "progress": 1}, "ck_jobs_finished_at"),
        ({"finished_at": "now"}, "ck_jobs_finished_at"),
        ({"status": "DONE", "finished_at": "now", "progress": 0.9}, "ck_jobs_done_progress"),
        ({"status": "FAILED", "finished_at": "now"}, "ck_jobs_error"),
        ({"error": "{}"}, "ck_jobs_error"),
        ({"progress": 1.01}, "ck_jobs_progress"),
        ({"progress": -0.01}, "ck_jobs_progress"),
        ({"attempt": -1}, "ck_jobs_counts"),
        ({"lane": "fast"}, "ck_jobs_lane"),
    ],
)
def test_a_job_in_a_bad_state_cannot_be_written(
    connection: psycopg.Connection, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(CheckViolation) as caught:
        insert(connection, "jobs", **a_job(**values))
    assert caught.value.diag.constraint_name == constraint


def test_a_job_needs_its_template(connection: psycopg.Connection) -> None:
    with pytest.raises(ForeignKeyViolation):
        insert(connection, "jobs", **a_job(template_id=f"tpl_{NOBODY}"))


STATE: dict[JobStatus, str] = {
    JobStatus.QUEUED: "lease_until = NULL, finished_at = NULL, error = NULL",
    JobStatus.RUNNING: "lease_until = now(), finished_at = NULL, error = NULL",
    JobStatus.DONE: "lease_until = NULL, finished_at = now(), error = NULL, progress = 1",
    JobStatus.FAILED: "lease_until = NULL, finished_at = now(), error = '{}'",
    JobStatus.CANCELLED: "lease_until = NULL, finished_at = now(), error = NULL",
}


def moves(connection: psycopg.Connection, before: JobStatus, after: JobStatus) -> bool:
    """Return True if the database allows this change of a job's status."""
    connection.execute("DELETE FROM jobs")
    insert(connection, "jobs", **a_job())
    connection.execute("ALTER TABLE jobs DISABLE TRIGGER guard_job_move")
    connection.execute(f"UPDATE jobs SET status = '{before}', {STATE[before]}")
    connection.execute("ALTER TABLE jobs ENABLE TRIGGER guard_job_move")
    try:
        connection.execute(f"UPDATE jobs SET status = '{after}', {STATE[after]}")
    except CheckViolation as error:
        return error.diag.constraint_name != "ck_jobs_move"
    return True


def test_the_trigger_allows_exactly_the_moves_of_the_vocabulary(
    connection: psycopg.Connection,
) -> None:
    for before, after in product(JobStatus, JobStatus):
        wanted = before == after or after in ALLOWED_MOVES[before]
        assert moves(connection, before, after) is wanted, f"{before} to {after}"


def test_what_has_ended_well_or_was_cancelled_never_moves_again() -> None:
    assert ALLOWED_MOVES[JobStatus.DONE] == ALLOWED_MOVES[JobStatus.CANCELLED] == frozenset()
    assert set(ALLOWED_MOVES) == set(JobStatus)
    assert all(ALLOWED_MOVES[status] for status in set(JobStatus) - ENDED)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"id": JOB}, "ck_assets_id"),
        ({"size_bytes": -1}, "ck_assets_size_bytes"),
        ({"sha256": "abc"}, "ck_assets_sha256"),
        ({"sha256": SHA256.replace("0", "G")}, "ck_assets_sha256"),
    ],
)
def test_a_bad_asset_cannot_be_written(
    connection: psycopg.Connection, values: dict[str, Any], constraint: str
) -> None:
    insert(connection, "objects", provider="localfs", object_key="k", name="n", state="committed")
    with pytest.raises(CheckViolation) as caught:
        insert(connection, "assets", **an_asset(**values))
    assert caught.value.diag.constraint_name == constraint


def test_an_asset_needs_an_object_that_was_reserved(connection: psycopg.Connection) -> None:
    with pytest.raises(ForeignKeyViolation):
        insert(connection, "assets", **an_asset())
    insert(connection, "objects", provider="localfs", object_key="k", name="n", state="committed")
    insert(connection, "assets", **an_asset())
    with pytest.raises(ForeignKeyViolation):
        connection.execute("DELETE FROM objects")


def test_two_living_templates_of_one_owner_have_two_names(connection: psycopg.Connection) -> None:
    template = {
        "owner_id": "local",
        "type": "hello_render",
        "name": "promo",
        "format": "{}",
        "params_schema": "{}",
        "defaults": "{}",
    }
    first, second, third = (f"tpl_{NOBODY[:-1]}{last}" for last in "123")
    insert(connection, "templates", id=first, **template)
    insert(connection, "templates", id=second, **template | {"owner_id": "another"})
    with pytest.raises(UniqueViolation):
        insert(connection, "templates", id=third, **template)
    connection.execute("UPDATE templates SET deleted_at = now() WHERE id = %s", [first])
    insert(connection, "templates", id=third, **template)


def test_a_job_has_each_output_and_each_event_once(connection: psycopg.Connection) -> None:
    insert(connection, "jobs", **a_job())
    output = {"job_id": JOB, "variant": 0, "role": "video", "object_key": "k"}
    event = {"job_id": JOB, "seq": 1, "kind": "log", "data": "{}"}
    for table, row in (("job_outputs", output), ("job_events", event)):
        insert(connection, table, **row)
        with pytest.raises(UniqueViolation):
            insert(connection, table, **row)


def test_an_attempt_is_over_exactly_when_it_has_an_outcome(connection: psycopg.Connection) -> None:
    insert(connection, "jobs", **a_job())
    insert(connection, "job_attempts", job_id=JOB, number=1, owner_id="local", worker="w")
    for change in ("outcome = 'DONE'", "finished_at = now()", "outcome = 'LOST'"):
        with pytest.raises(CheckViolation):
            connection.execute(f"UPDATE job_attempts SET {change}")
    connection.execute("UPDATE job_attempts SET outcome = 'DONE', finished_at = now()")


def test_what_belongs_to_a_job_goes_with_it(connection: psycopg.Connection) -> None:
    insert(connection, "jobs", **a_job())
    insert(connection, "job_attempts", job_id=JOB, number=1, owner_id="local", worker="w")
    insert(connection, "job_events", job_id=JOB, seq=1, kind="log", data="{}")
    connection.execute("DELETE FROM jobs")
    for table in ("job_attempts", "job_events"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_nothing_is_deleted_while_a_model_or_a_template_points_to_it(
    connection: psycopg.Connection,
) -> None:
    insert(connection, "objects", provider="localfs", object_key="k", name="n", state="committed")
    insert(connection, "assets", **an_asset())
    template = builtin_template_id("hello_render")
    insert(connection, "template_assets", template_id=template, asset_id=ASSET)
    with pytest.raises(ForeignKeyViolation):
        connection.execute("DELETE FROM assets")
