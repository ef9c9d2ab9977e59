"""The contents of a stack's database, staging area and storage, to detect leaks and losses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.platform.stack import Stack
from tests.support.wait import wait_until

TABLES = (
    "assets",
    "idempotency_keys",
    "job_events",
    "job_inputs",
    "job_models",
    "jobs",
    "model_assets",
    "model_previews",
    "models",
    "objects",
    "template_assets",
    "templates",
)


def connect(stack: Stack) -> psycopg.Connection:
    """Connect to the stack's database."""
    url = stack.services.database_url.replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


def contents(stack: Stack) -> dict[str, object]:
    """Return the rows of every table and the files of uploads and storage."""
    with connect(stack) as connection:
        rows: dict[str, object] = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in TABLES
        }
    return rows | {
        "uploads": _files(stack.services.data_root / "uploads"),
        "storage": _files(stack.services.storage_root),
    }


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@contextmanager
def nothing_left(stack: Stack) -> Iterator[None]:
    """Fail if the block adds or removes a row or file."""
    before = contents(stack)
    yield
    wait_until(lambda: contents(stack) == before, 5, what="what was there before is all there is")
