"""Base class and column helpers of all tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Float, Integer, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gala.ids import Prefix, pattern

Json = dict[str, Any]


class Base(DeclarativeBase):
    """Base of every table. Constraint names are predictable, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        str: Text(),
        datetime: DateTime(timezone=True),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        int: Integer(),
        float: Float(),
    }


def is_id_check(prefix: Prefix) -> CheckConstraint:
    """Return the constraint that the column ``id`` has the form of an id with this prefix."""
    return CheckConstraint(f"id ~ '{pattern(prefix)}'", name="id")


def created_at_column() -> Mapped[datetime]:
    """Return a column that defaults to the start of the transaction."""
    return mapped_column(server_default=func.now())
