"""Upload, status, download and deletion of files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from gala.errors import InvalidRequest
from gala.media import AssetKind
from gala.media_server.ids import MediaType, file_name
from gala.permissions import Permission
from gala_api.assets import service
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.content_response import StoredContent, content_response
from gala_api.http.filenames import Disposition
from gala_api.http.routers import Router
from gala_api.jobs.submit import JobSubmission
from gala_api.media_server import files, openapi
from gala_api.media_server.failure_reports import FailureReportsDep
from gala_api.media_server.file_status import FileStatusResponse, file_status
from gala_api.media_server.files import PendingFile
from gala_api.media_server.forms import FormModel, received

router = Router(prefix="/api/v1/media/storage", tags=["Media server"])

# The type of a file at a URL is unknown before it is fetched; its id has a default suffix.
_DEFAULT_SUFFIXES: Final = {
    MediaType.IMAGE: ".jpg",
    MediaType.VIDEO: ".mp4",
    MediaType.AUDIO: ".mp3",
}
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_KINDS: Final = {
    MediaType.IMAGE: AssetKind.OVERLAY,
    MediaType.VIDEO: AssetKind.SOURCE_VIDEO,
    MediaType.AUDIO: AssetKind.VOICE,
}


class UploadForm(FormModel):
    """A file or a URL, and its media type."""

    media_type: MediaType
    url: str | None = None


@router.post(
    "",
    summary="Upload a file or fetch it from a URL",
    operation_id="mediaUpload",
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    openapi_extra=openapi.form(UploadForm, files=["file"]),
    responses=openapi.errors(400, 413, 422),
)
async def upload(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, Any]:
    """Return the file's id; a URL is fetched in the background."""
    async with received(request, services, owner, UploadForm, files={"file"}) as (form, uploads):
        if "file" in uploads:
            name = await run_in_threadpool(
                files.store, services, owner, uploads["file"], form.media_type
            )
            return {"file_id": name}
    if form.url is None:
        raise InvalidRequest("Either file or url must be provided.", field="file")
    submission = JobSubmission(type="import", inputs={"media_url": form.url})
    pending_file = PendingFile(
        "media",
        form.media_type,
        _suffix(form.url, form.media_type),
        _KINDS.get(form.media_type, AssetKind.OTHER),
    )
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, pending_file)
    return {"file_id": name}


def _suffix(url: str, media_type: MediaType) -> str:
    """Return the suffix of the file's id; the URL is validated when the job is submitted."""
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        suffix = ""
    # ASCII only: an id with other characters would be invalid.
    return suffix if _SUFFIX.fullmatch(suffix) else _DEFAULT_SUFFIXES.get(media_type, "")


@router.get(
    "/{file_id}/status",
    summary="Get the status of a file",
    operation_id="mediaStatus",
    response_model_exclude_none=True,
    dependencies=[allowed(Permission.ASSETS_READ)],
    responses=openapi.errors(),
)
def status(
    file_id: str,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    reports: FailureReportsDep,
) -> FileStatusResponse:
    """Return the status; `failed` comes with the reason as `error` and `code`.

    A client that goes on asking after three answers `failed` gets `not_found` with this reason.
    """
    response = file_status(services, owner, file_id)
    client = request.headers.get("user-agent")
    return reports.answer(response, owner=owner, file_id=file_id, client=client)


@router.head(
    "/{file_id}",
    summary="Get the headers of a file",
    operation_id="mediaHead",
    response_class=Response,
    dependencies=[allowed(Permission.ASSETS_READ)],
    responses=openapi.errors(404),
)
@router.get(
    "/{file_id}",
    summary="Download a file",
    operation_id="mediaDownload",
    response_class=Response,
    dependencies=[allowed(Permission.ASSETS_READ)],
    responses={
        200: {"content": {"application/octet-stream": {"schema": openapi.FILE}}},
        **openapi.errors(404),
    },
)
async def download(
    file_id: str, request: Request, services: ServicesDep, owner: OwnerDep
) -> Response:
    """Return the file's content, completely or by range."""
    row = await run_in_threadpool(files.find, services, owner, file_id)
    stored = StoredContent(
        object_key=row.object_key,
        mime=row.mime,
        size=row.size_bytes,
        sha256=row.sha256,
        filename=file_name(file_id),
        modified=row.created_at,
    )
    with service.storage_errors():
        storage = services.storages.get(row.provider)
    return content_response(
        request, storage=storage, stored=stored, disposition=Disposition.ATTACHMENT
    )


@router.delete(
    "/{file_id}",
    summary="Delete a file",
    operation_id="mediaDelete",
    response_class=JSONResponse,
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    responses=openapi.errors(),
)
def delete(file_id: str, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Delete the file, or cancel the work that creates it; also succeeds if there is none."""
    files.remove(services, owner, file_id)
    return {"status": "success"}
