"""The versions of templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from gala.db.tables import Template, TemplateVersion
from gala.ids import BUILTIN_OWNER

Content = TypeVar("Content", Template, TemplateVersion)
CONTENT: Final = ("type", "duration_ms", "format", "params_schema", "defaults", "composition")
"""The columns of a template of which a change is a new version."""


def record(session: Session, template: Template) -> None:
    """Insert the present version of a template that is new or was changed."""
    session.add(
        TemplateVersion(
            template_id=template.id,
            version=template.version,
            **{name: getattr(template, name) for name in CONTENT},
        )
    )


def record_builtin(session: Session) -> None:
    """Insert the present versions of the built-in templates that are not recorded yet."""
    columns = ("version", *CONTENT)
    present = select(Template.id, *(getattr(Template, name) for name in columns)).where(
        Template.owner_id == BUILTIN_OWNER
    )
    statement = insert(TemplateVersion).from_select(["template_id", *columns], present)
    session.execute(statement.on_conflict_do_nothing())


def find(session: Session, template_id: str, version: int) -> TemplateVersion | None:
    """Return a version, None if the template never had it."""
    return session.get(TemplateVersion, (template_id, version))


def without_compositions(table: type[Content]) -> Select[Content, bool]:
    """Select rows without their compositions, which may be large, and whether they have one."""
    return select(table, table.composition.is_not(None)).options(
        defer(table.composition, raiseload=True)
    )


def listed(
    session: Session, template_id: str, *, limit: int, offset: int
) -> Sequence[Row[TemplateVersion, bool]]:
    """Return a page of the versions of a template, the newest first.

    They are without their compositions, but with whether they have one.
    """
    return session.execute(
        without_compositions(TemplateVersion)
        .where(TemplateVersion.template_id == template_id)
        .order_by(TemplateVersion.version.desc())
        .limit(limit)
        .offset(offset)
    ).all()
