"""Built-in templates, written here into the database: every render type, and the compositions."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Integer, cast, func, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db import template_versions
from gala.db.tables import Template
from gala.ids import BUILTIN_OWNER, builtin_template_id
from gala.render_types import RenderType, all_types
from gala.templates.builtin import BuiltinTemplate, builtin_templates

_CONTENT: Final = template_versions.CONTENT
_REFRESHED: Final = ("name", "description", *_CONTENT)
"""The columns that follow the installed types and compositions."""


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
        "composition": None,
        "description": render_type.summary,
    }


def _composition_row(found: BuiltinTemplate) -> dict[str, object]:
    return {
        "id": builtin_template_id(f"composition:{found.name}"),
        "owner_id": BUILTIN_OWNER,
        "type": "timeline",
        "name": found.name,
        "duration_ms": None,
        "format": found.format.model_dump(),
        "params_schema": dict(found.composition.params_schema),
        "defaults": dict(found.composition.defaults),
        "composition": dict(found.composition.document),
        "description": found.description,
    }


def sync(session: Session) -> None:
    """Insert or refresh the built-in templates; a change is a new version.

    Rows that are up to date are not written. Templates of removed types stay: old jobs refer to
    them.
    """
    rows = [_row(found) for found in all_types().values()]
    rows += [_composition_row(found) for found in builtin_templates().values()]
    statement = insert(Template).values(rows)
    new_values = {column: statement.excluded[column] for column in _REFRESHED}
    stored = tuple_(*(getattr(Template, column) for column in _REFRESHED))
    content = tuple_(*(getattr(Template, column) for column in _CONTENT))
    is_new_version = content.is_distinct_from(tuple_(*(new_values[name] for name in _CONTENT)))
    version = Template.version + cast(is_new_version, Integer)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Template.id],
            set_={**new_values, "version": version, "updated_at": func.now()},
            where=stored.is_distinct_from(tuple_(*new_values.values())),
        )
    )
    template_versions.record_builtin(session)
    session.flush()
