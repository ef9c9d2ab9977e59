"""Pages of jobs of bounded size: large values of a job are left out of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Select, Text, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from gala.db.tables import Job
from gala_api import serializers
from gala_api.schemas import jobs

LARGE_BYTES: Final = 4096
"""The length as JSON from which a value is left out."""

_Field = Literal["inputs", "params", "template_params", "metadata"]
_COLUMNS: Final[Mapping[_Field, InstrumentedAttribute[Any]]] = {
    "inputs": Job.inputs,
    "params": Job.params,
    "template_params": Job.template_params,
    "metadata": Job.client_metadata,
}
_EMPTY: Final[Mapping[_Field, Any]] = {
    "inputs": {},
    "params": {},
    "template_params": None,
    "metadata": None,
}


def without_values(statement: Select[Job]) -> Select[Job]:
    """Return the statement without the columns whose values may be large."""
    return statement.options(*(defer(column) for column in _COLUMNS.values()))


def listed(session: Session, rows: Sequence[Job]) -> list[jobs.Job]:
    """Return the response models of the rows of a statement made by `without_values`."""
    values = _values(session, [row.id for row in rows])
    return [_listed(row, values[row.id]) for row in rows]


def _listed(row: Job, values: Mapping[str, Any]) -> jobs.Job:
    omitted = [field for field in _COLUMNS if values[f"{field}_large"]]
    for field, column in _COLUMNS.items():
        value = _EMPTY[field] if field in omitted else values[field]
        set_committed_value(row, column.key, value)
    return serializers.job(row).model_copy(update={"omitted": omitted})


def _values(session: Session, job_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the values of each job, without the large ones, which never leave the database."""
    columns = []
    for field, column in _COLUMNS.items():
        large = func.coalesce(func.octet_length(cast(column, Text)), 0) > LARGE_BYTES
        columns += [large.label(f"{field}_large"), case((~large, column)).label(field)]
    rows = session.execute(select(Job.id, *columns).where(Job.id.in_(job_ids))).mappings()
    return {row["id"]: dict(row) for row in rows}
