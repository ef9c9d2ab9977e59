"""Pages of lists, by limit and offset as in v0 or by a cursor, and filters."""

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

Limit = Annotated[int, Query(ge=1, le=200, description="Maximum number of items.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Number of items to skip.")]
_CURSOR = "`next_cursor` of the previous page; items created meanwhile do not shift the pages."
JobCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.JOB))]
AssetCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.ASSET))]
KeyCursor = Annotated[str | None, Query(description=_CURSOR, pattern=pattern(Prefix.API_KEY))]
OwnerFilter = Annotated[str | None, Query(pattern=OWNER_PATTERN, description="The owner.")]
Search = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=NO_CONTROLS, description="Free text search."),
]


ExactFilter = Annotated[str | None, Query(min_length=1, max_length=200, pattern=NO_CONTROLS)]
"""A filter that must match exactly."""


def _check_query(request: Request) -> None:
    """Raise InvalidRequest for an unknown parameter: a misspelt filter must not list everything.

    Also for one that occurs twice, of which only the last would count.
    """
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
        if len(request.query_params.getlist(name)) > 1:
            raise InvalidRequest(
                f"{name}: This query parameter occurs twice.", field=name, rule="repeated"
            )


KnownQuery = Depends(_check_query)
"""A dependency of lists that rejects unknown query parameters."""


class HasId(Protocol):
    """A row whose id sorts by age."""

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
    """Return the rows of a page, newest first, and the cursor of the next page, if any.

    With both, ``offset`` counts from the cursor.
    """
    if cursor is not None:
        statement = statement.where(column < cursor)
    rows = session.scalars(statement.order_by(column.desc()).limit(limit + 1).offset(offset)).all()
    more = len(rows) > limit
    return rows[:limit], str(rows[limit - 1].id) if more else None


def contains(column: Any, text: str) -> Any:
    """Return a case-insensitive substring match; ``%`` and ``_`` are not wildcards."""
    return column.icontains(text, autoescape=True)
