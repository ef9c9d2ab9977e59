"""Assets whose ids were given out before their job has made them.

The status of a pending asset follows from its job alone, so there is no second state to keep in
step: it is pending while the job is live, and failed once the job has ended without it. A job that
makes the asset deletes the row in the transaction that records the asset under the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gala.db.tables import Job, Json, PendingAsset
from gala.errors import AssetNotFound, AssetPending, ErrorCode, GalaError
from gala.ids import Prefix, is_id
from gala.job import LIVE, JobFailure, JobStatus
from gala.media import AssetStatus


@dataclass(frozen=True, slots=True)
class PendingState:
    """A pending asset with its status; ``error`` is set if its job ended without making it."""

    row: PendingAsset
    status: AssetStatus
    error: JobFailure | None = None

    def visible_to(self, owner: str | None, shared: Collection[str] = ()) -> bool:
        """Return True if it belongs to ``owner`` or is in ``shared``; ``None`` sees all."""
        return owner in (None, self.row.owner_id) or self.row.id in shared

    def refusal(self, field: str | None = None) -> GalaError:
        """Return why it has no content: AssetPending or AssetNotFound, naming ``field``."""
        prefix = "" if field is None else f"{field}: "
        if self.error is None:
            return AssetPending(
                f"{prefix}{self.row.id} is not ready yet; try again when its status is `ready`.",
                field=field,
                job_id=self.row.job_id,
            )
        return AssetNotFound(
            f"{prefix}{self.row.id} could not be made: {self.error.message}",
            hint="Retry its job, or delete it.",
            field=field,
            job_id=self.row.job_id,
        )


def find(session: Session, owner: str | None, asset_id: str) -> PendingState | None:
    """Return the pending asset with this id, or None; ``owner`` None finds those of all owners."""
    if not is_id(Prefix.ASSET, asset_id):
        return None
    state = read(session, [asset_id]).get(asset_id)
    return state if state is not None and state.visible_to(owner) else None


def read(session: Session, asset_ids: Collection[str]) -> Mapping[str, PendingState]:
    """Return those of the assets that are pending or failed, by id."""
    if not asset_ids:
        return {}
    rows = session.execute(
        select(PendingAsset, Job.status, Job.error)
        .join(Job, Job.id == PendingAsset.job_id)
        .where(PendingAsset.id.in_(asset_ids))
    )
    return {row.id: _state(row, status, error) for row, status, error in rows}


def _state(row: PendingAsset, status: str, error: Json | None) -> PendingState:
    if JobStatus(status) in LIVE:
        return PendingState(row, AssetStatus.PENDING)
    return PendingState(row, AssetStatus.FAILED, _failure(status, error))


def _failure(status: str, error: Json | None) -> JobFailure:
    if error is not None:
        return JobFailure.model_validate(error)
    if status == JobStatus.CANCELLED:
        return JobFailure(code=ErrorCode.INVALID_JOB_STATE, message="Its job was cancelled.")
    return JobFailure(code=ErrorCode.RENDER_FAILED, message="Its job ended without making it.")


def of_job(session: Session, job_id: str) -> Mapping[str, PendingAsset]:
    """Return the job's pending assets by the role of the output that each stands for."""
    rows = session.scalars(select(PendingAsset).where(PendingAsset.job_id == job_id))
    return {row.role: row for row in rows}


def remove(session: Session, asset_ids: Iterable[str]) -> None:
    """Delete the rows of pending assets that are recorded as assets in the same transaction."""
    recorded = list(asset_ids)
    if recorded:
        session.execute(delete(PendingAsset).where(PendingAsset.id.in_(recorded)))
