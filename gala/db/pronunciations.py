"""The lists of pronunciations of owners, as the JSON of their entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db.tables import PronunciationList


def entries(session: Session, owner: str) -> Sequence[Mapping[str, Any]]:
    """Return the owner's entries in their order; none if the owner has no list."""
    row = session.get(PronunciationList, owner)
    return () if row is None else row.entries


def entries_to_replace(session: Session, owner: str) -> Sequence[Mapping[str, Any]]:
    """Return the owner's entries, which no other transaction can change until this one ends."""
    # A row to lock, also for an owner without a list.
    empty = insert(PronunciationList).values(owner_id=owner, entries=[])
    session.execute(empty.on_conflict_do_nothing())
    return session.get_one(PronunciationList, owner, with_for_update=True).entries


def keep(session: Session, owner: str, listed: Sequence[Mapping[str, Any]]) -> None:
    """Replace the owner's list."""
    values = {"entries": list(listed)}
    statement = insert(PronunciationList).values(owner_id=owner, **values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[PronunciationList.owner_id],
            set_={**values, "updated_at": func.now()},
        )
    )
