"""Every render type is also a template; this writes them into the database."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gala.db.tables import Template
from gala.ids import BUILTIN_OWNER, builtin_template_id
from gala.render_types import RenderType, all_types


def _row(render_type: RenderType) -> dict[str, object]:
    return {
        "id": builtin_template_id(render_type.name),
        "owner_id": BUILTIN_OWNER,
        "type": render_type.name,
        "name": render_type.name,
        "duration_ms": render_type.duration_ms,
        "format": render_type.format.model_dump() if render_type.format else None,
        "params_schema": render_type.params.model_json_schema(),
        "defaults": {},
    }


def sync(session: Session) -> None:
    """Write the installed types' templates; those of removed types stay for old jobs."""
    statement = insert(Template).values([_row(found) for found in all_types().values()])
    fresh = {
        column: statement.excluded[column]
        for column in ("name", "duration_ms", "format", "params_schema")
    }
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Template.id],
            set_={**fresh, "updated_at": func.now()},
            where=Template.params_schema.is_distinct_from(statement.excluded.params_schema),
        )
    )
    session.flush()
