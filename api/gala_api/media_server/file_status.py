"""How the media server's files stand, from one look at the database."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import bindparam, select

from gala.db.tables import Asset, Job, MediaFile
from gala.errors import ErrorCode
from gala.job import LIVE, JobStatus
from gala.media_server.ids import FileStatus, is_media_id
from gala_api.dependencies import Services
from gala_api.media_server.errors import in_form_words

# One statement sees one moment: the end of a job and its asset come together.
_LOOK: Final = (
    select(Asset.id, Job.status, Job.error)
    .select_from(MediaFile)
    .outerjoin(Asset, Asset.id == MediaFile.asset_id)
    .outerjoin(Job, Job.id == MediaFile.job_id)
    .where(MediaFile.id == bindparam("file_id"), MediaFile.owner_id == bindparam("owner"))
)


class FileStatusResponse(BaseModel):
    """How a file stands, and why if its work failed."""

    model_config = ConfigDict(frozen=True)

    status: FileStatus
    error: str | None = Field(default=None, description="Of a failed file: why, in words.")
    code: str | None = Field(
        default=None, description="Of a failed file: why, as `error.code` of its job says it."
    )


def standing(services: Services, owner: str, file_id: str) -> FileStatusResponse:
    """How the file stands. The finished file is looked for first."""
    if not is_media_id(file_id):
        return FileStatusResponse(status=FileStatus.NOT_FOUND)
    with services.sessions() as session:
        # Asked every second for every file: without the two round trips of a transaction.
        looking = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        row = looking.execute(_LOOK, {"file_id": file_id, "owner": owner}).one_or_none()
    return FileStatusResponse(status=FileStatus.NOT_FOUND) if row is None else _standing(*row)


def _standing(
    asset_id: str | None, status: str | None, error: dict[str, Any] | None
) -> FileStatusResponse:
    if asset_id is not None:
        return FileStatusResponse(status=FileStatus.READY)
    if status in LIVE:
        return FileStatusResponse(status=FileStatus.PROCESSING)
    if status == JobStatus.CANCELLED:
        return _failed(ErrorCode.INVALID_JOB_STATE, "The work was cancelled.")
    if error is not None:
        hint = f" {error['hint']}" if error.get("hint") else ""
        return _failed(error["code"], in_form_words(error["message"]) + hint)
    return FileStatusResponse(status=FileStatus.NOT_FOUND)


def _failed(code: str, why: str) -> FileStatusResponse:
    return FileStatusResponse(status=FileStatus.FAILED, error=why, code=code)
