"""The status of the media server's files, read with one database query."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import bindparam, select

from gala.db.tables import Asset, Job, MediaFile
from gala.errors import ErrorCode
from gala.job import LIVE, JobStatus
from gala.media_server.ids import FileStatus, is_media_id
from gala_api.dependencies import Services
from gala_api.media_server.errors import LONG_FORM_AMBIENT, with_form_names

_ROUTES: Final = {"ambient_video": LONG_FORM_AMBIENT}
"""Routes whose form names a job's inputs differently from the others, by the job's type."""

# One statement sees one snapshot: the end of a job and its asset appear together.
_QUERY: Final = (
    select(Asset.id, Job.status, Job.error, Job.type)
    .select_from(MediaFile)
    .outerjoin(Asset, Asset.id == MediaFile.asset_id)
    .outerjoin(Job, Job.id == MediaFile.job_id)
    .where(MediaFile.id == bindparam("file_id"), MediaFile.owner_id == bindparam("owner"))
)


class FileStatusResponse(BaseModel):
    """The status of a file, and the reason if its work failed."""

    model_config = ConfigDict(frozen=True)

    status: FileStatus
    error: str | None = Field(
        default=None, description="Of a failed file: the reason, as a sentence."
    )
    code: str | None = Field(
        default=None, description="Of a failed file: the `error.code` of its job."
    )

    @property
    def failed(self) -> bool:
        """Return True if the work of the file failed."""
        return self.status is FileStatus.FAILED

    def as_not_found(self) -> FileStatusResponse:
        """Return the response, with its reason, for a client that does not know ``failed``."""
        return self.model_copy(update={"status": FileStatus.NOT_FOUND})


def file_status(services: Services, owner: str, file_id: str) -> FileStatusResponse:
    """Return the status of the file; a finished file is `ready` whatever its job says."""
    if not is_media_id(file_id):
        return FileStatusResponse(status=FileStatus.NOT_FOUND)
    with services.sessions() as session:
        # Clients poll every file every second, so avoid the two round trips of a transaction.
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        row = connection.execute(_QUERY, {"file_id": file_id, "owner": owner}).one_or_none()
    return FileStatusResponse(status=FileStatus.NOT_FOUND) if row is None else _response(*row)


def _response(
    asset_id: str | None, status: str | None, error: dict[str, Any] | None, type_name: str | None
) -> FileStatusResponse:
    if asset_id is not None:
        return FileStatusResponse(status=FileStatus.READY)
    if status in LIVE:
        return FileStatusResponse(status=FileStatus.PROCESSING)
    if status == JobStatus.CANCELLED:
        return _failed(ErrorCode.INVALID_JOB_STATE, "The work was cancelled.")
    if error is not None:
        hint = f" {error['hint']}" if error.get("hint") else ""
        return _failed(
            error["code"],
            with_form_names(error["message"], _ROUTES.get(type_name or "", "")) + hint,
        )
    return FileStatusResponse(status=FileStatus.NOT_FOUND)


def _failed(code: str, reason: str) -> FileStatusResponse:
    return FileStatusResponse(status=FileStatus.FAILED, error=reason, code=code)
