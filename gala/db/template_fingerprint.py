"""Whether the built-in templates in the database are those of this installation.

Generating the schemas of all types takes longer than everything else that an API does before it
serves. A fingerprint therefore records the sources that the templates are generated from, and the
rows as they were written: if either has changed, by hand or by another release, they are generated
again. It is stored as the comment of Alembic's table, so that it needs no table of its own.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pydantic
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gala.entry_points import entry_points
from gala.ids import BUILTIN_OWNER

_PACKAGE: Final = Path(__file__).parents[1]
_OTHERS: Final = frozenset({"__pycache__", "cli"})
"""Folders that no template follows from."""
_TYPES: Final = "gala.types"
_ROWS: Final = text(
    "SELECT md5(string_agg(md5(template::text), '' ORDER BY template.id))"
    " FROM templates AS template WHERE owner_id = :owner"
)


def is_current(connection: Connection) -> bool:
    """Return True if nothing has changed since :func:`record`."""
    found = connection.scalar(text("SELECT obj_description('alembic_version'::regclass)"))
    return found is not None and found == _fingerprint(connection)


def record(connection: Connection) -> None:
    """Note that the templates have just been written."""
    fingerprint = _fingerprint(connection)
    if fingerprint is None:
        return
    # Only its owner may comment a table; others generate the templates at each start.
    with suppress(ProgrammingError), connection.begin_nested():
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{fingerprint}'"))


def _fingerprint(connection: Connection) -> str | None:
    sources = _sources()
    rows = connection.scalar(_ROWS, {"owner": BUILTIN_OWNER})
    return f"{sources} {rows}" if sources and rows else None


def _sources() -> str | None:
    """Return a hash of all that the templates follow from; None if that is unknown."""
    if entry_points(group=_TYPES):
        return None  # of other distributions, which may be edited in place
    content = hashlib.sha256(f"{sys.version} {pydantic.VERSION}".encode())
    files = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and _counts(path))
    for path in files:
        content.update(f"\0{path.relative_to(_PACKAGE)}\0".encode())
        content.update(path.read_bytes())
    return content.hexdigest() if files else None


def _counts(path: Path) -> bool:
    return _OTHERS.isdisjoint(path.relative_to(_PACKAGE).parts)
