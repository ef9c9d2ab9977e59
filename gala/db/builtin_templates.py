"""Built-in templates: every render type is also a template, written here into the database."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db.tables import Template
from gala.ids import BUILTIN_OWNER, builtin_template_id
from gala.render_types import RenderType, all_types

_REFRESHED: Final = ("type", "name", "duration_ms", "format", "params_schema", "defaults")
"""The columns that follow the installed render type."""


def _row(render_type: RenderType) -> dict[str, object]:
    return {
        "id": builtin_template_id(render_type.name),
        "owner_id": BUILTIN_OWNER,
        "type": render_type.name,
        "name": render_type.name,
        "duration_ms": render_type.duration_ms,
        "format": render_type.format.model_dump() if render_type.format else None,
        "params_schema": render_type.params.declared_schema(),
        "defaults": {},
    }


def sync(session: Session) -> None:
    """Insert or refresh the templates of the installed types.

    Rows that are up to date are not written. Templates of removed types stay: old jobs refer to
    them.
    """
    statement = insert(Template).values([_row(found) for found in all_types().values()])
    new_values = {column: statement.excluded[column] for column in _REFRESHED}
    stored = tuple_(*(getattr(Template, column) for column in _REFRESHED))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Template.id],
            set_={**new_values, "updated_at": func.now()},
            where=stored.is_distinct_from(tuple_(*new_values.values())),
        )
    )
    session.flush()
