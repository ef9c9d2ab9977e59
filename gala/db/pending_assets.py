"""Assets whose ids were given away before they were there.

What becomes of one is told by its job alone, so that nothing has to be kept in step: while the job
lives it is pending, when the job has ended without it, it has failed. A job that makes it gives the
row up in the transaction that records the asset under the same id.
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
from gala.job_queue import jobs
from gala.media import AssetStatus


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise and what became of it; ``error`` is set if it has failed."""

    row: PendingAsset
    status: AssetStatus
    error: JobFailure | None = None

    def concerns(self, owner: str | None, opened: Collection[str] = ()) -> bool:
        """Whether the owner may know of it: it is theirs, or opened; to ``None``, all are."""
        return owner in (None, self.row.owner_id) or self.row.id in opened

    def refusal(self, field: str | None = None) -> GalaError:
        """Why there are no bytes: AssetPending or AssetNotFound, naming the field."""
        told = "" if field is None else f"{field}: "
        if self.error is None:
            return AssetPending(
                f"{told}{self.row.id} is still being made; ask again when its status is `ready`.",
                field=field,
                job_id=self.row.job_id,
            )
        return AssetNotFound(
            f"{told}{self.row.id} could not be made: {self.error.message}",
            hint="Retry its job, or delete it.",
            field=field,
            job_id=self.row.job_id,
        )


def find(session: Session, owner: str | None, asset_id: str) -> Promised | None:
    """The promise of that asset, if it is not there yet; anybody's for ``None``."""
    if not is_id(Prefix.ASSET, asset_id):
        return None
    found = read(session, [asset_id]).get(asset_id)
    return found if found is not None and found.concerns(owner) else None


def read(session: Session, asset_ids: Collection[str]) -> Mapping[str, Promised]:
    """What became of those among the assets that were only promised."""
    if not asset_ids:
        return {}
    rows = session.execute(
        select(PendingAsset, Job.status, Job.error)
        .join(Job, Job.id == PendingAsset.job_id)
        .where(PendingAsset.id.in_(asset_ids))
    )
    return {row.id: _promised(row, status, error) for row, status, error in rows}


def _promised(row: PendingAsset, status: str, error: Json | None) -> Promised:
    if JobStatus(status) in LIVE:
        return Promised(row, AssetStatus.PENDING)
    return Promised(row, AssetStatus.FAILED, _failure(status, error))


def _failure(status: str, error: Json | None) -> JobFailure:
    if error is not None:
        return JobFailure.model_validate(error)
    if status == JobStatus.CANCELLED:
        return JobFailure(code=ErrorCode.INVALID_JOB_STATE, message="Its job was cancelled.")
    return JobFailure(code=ErrorCode.RENDER_FAILED, message="Its job ended without making it.")


def of_job(session: Session, job_id: str) -> Mapping[str, PendingAsset]:
    """What the job has promised, by the role of the output that will be it."""
    rows = session.scalars(select(PendingAsset).where(PendingAsset.job_id == job_id))
    return {row.role: row for row in rows}


def keep(session: Session, asset_ids: Iterable[str]) -> None:
    """Give up these promises: their assets are recorded in the same transaction."""
    kept = list(asset_ids)
    if kept:
        session.execute(delete(PendingAsset).where(PendingAsset.id.in_(kept)))


def withdraw(session: Session, owner: str, asset_id: str) -> bool:
    """Take a promise back and cancel the job that was to keep it.

    Returns false if there is none, or no longer: then the asset may be there.
    """
    if not is_id(Prefix.ASSET, asset_id):
        return False
    promise = session.execute(
        select(PendingAsset.job_id).where(
            PendingAsset.id == asset_id, PendingAsset.owner_id == owner
        )
    ).one_or_none()
    if promise is None:
        return False
    # The job first, as the worker does that records its end: neither waits for the other in vain.
    status = session.scalars(
        select(Job.status).where(Job.id == promise.job_id).with_for_update()
    ).one()
    if status in LIVE:
        jobs.request_cancel(session, promise.job_id, owner)
    gone = session.scalar(
        delete(PendingAsset).where(PendingAsset.id == asset_id).returning(PendingAsset.id)
    )
    return gone is not None
