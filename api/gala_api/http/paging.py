"""What lists have in common: pages, by limit and offset as in v0 or by a cursor, and filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Query, Request
from sqlalchemy import Select
from sqlalchemy.orm import Session

from gala.errors import InvalidRequest
from gala.ids import Prefix, pattern
from gala.permissions import OWNER_PATTERN
from gala_api.errors.validation import nearest, remedy
from gala_api.schemas.common import NO_CONTROLS

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Skip so many.")]
_CURSOR = "`next_cursor` of the page before: rows that come in meanwhile shift nothing."
JobCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.JOB))]
AssetCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.ASSET))]
KeyCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.API_KEY))]
OwnerFilter = Annotated[str | None, Query(pattern=OWNER_PATTERN, description="Whose.")]
Search = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=NO_CONTROLS, description="Free text search."),
]


Word = Annotated[str | None, Query(min_length=1, max_length=200, pattern=NO_CONTROLS)]
"""A filter that has to match exactly."""


def _refuse_unknown(request: Request) -> None:
    """A mistyped filter must not answer with everything."""
    known = [field.alias for field in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            meant = nearest(name, known)
            raise InvalidRequest(
                f"{name[:80]}: There is no such query parameter; {remedy(meant, known)}",
                field=name[:80],
                rule="extra_forbidden",
                did_you_mean=meant,
            )


KnownQuery = Depends(_refuse_unknown)
"""The dependency of lists: query parameters that they do not know are refused."""


class HasId(Protocol):
    """A row with an id that sorts by age."""

    id: Any


Row = TypeVar("Row", bound=HasId)


def page(
    session: Session,
    statement: Select[Row],
    column: Any,
    *,
    limit: int,
    offset: int,
    cursor: str | None,
) -> tuple[Sequence[Row], str | None]:
    """The rows of a page, newest first, and the cursor of the next one if there is one.

    With both, ``offset`` counts from the cursor.
    """
    if cursor is not None:
        statement = statement.where(column < cursor)
    rows = session.scalars(statement.order_by(column.desc()).limit(limit + 1).offset(offset)).all()
    more = len(rows) > limit
    return rows[:limit], str(rows[limit - 1].id) if more else None


def contains(column: Any, wanted: str) -> Any:
    """A case-insensitive substring match; ``%`` and ``_`` mean themselves."""
    return column.icontains(wanted, autoescape=True)
