"""Files: taken in, asked about, given out, removed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
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
from gala_api.jobs.submit import JobSubmission
from gala_api.media_server import files, openapi
from gala_api.media_server.file_status import FileStatusResponse, standing
from gala_api.media_server.files import PromisedFile
from gala_api.media_server.forms import FormModel, received

router = APIRouter(prefix="/media/storage", tags=["Media server"])

# A URL's file is what its bytes say; until they are there, its id has the usual suffix.
_SUFFIXES: Final = {MediaType.IMAGE: ".jpg", MediaType.VIDEO: ".mp4", MediaType.AUDIO: ".mp3"}
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")
_KINDS: Final = {
    MediaType.IMAGE: AssetKind.OVERLAY,
    MediaType.VIDEO: AssetKind.SOURCE_VIDEO,
    MediaType.AUDIO: AssetKind.VOICE,
}


class UploadForm(FormModel):
    """A file or a URL, and what kind of media it is."""

    media_type: MediaType
    url: str | None = None


@router.post(
    "",
    summary="Upload a file, or fetch one",
    operation_id="mediaUpload",
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    openapi_extra=openapi.form(UploadForm, files=["file"]),
    responses=openapi.errors(400, 413, 422),
)
async def upload(request: Request, services: ServicesDep, owner: OwnerDep) -> dict[str, Any]:
    """Answers with the file's id; a URL is fetched in the background."""
    async with received(request, services, owner, UploadForm, files={"file"}) as (asked, given):
        if "file" in given:
            name = await run_in_threadpool(
                files.store, services, owner, given["file"], asked.media_type
            )
            return {"file_id": name}
    if asked.url is None:
        raise InvalidRequest("Either file or url must be provided.", field="file")
    submission = JobSubmission(type="import", inputs={"media_url": asked.url})
    made = PromisedFile(
        "media",
        asked.media_type,
        _suffix(asked.url, asked.media_type),
        _KINDS.get(asked.media_type, AssetKind.OTHER),
    )
    (name,) = await run_in_threadpool(files.submit, services, owner, submission, made)
    return {"file_id": name}


def _suffix(url: str, media_type: MediaType) -> str:
    """What the file's id ends in; whether the URL is any good is told where it is accepted."""
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        suffix = ""
    # ASCII only: an id with anything else in it would never be found again.
    return suffix if _SUFFIX.fullmatch(suffix) else _SUFFIXES.get(media_type, "")


@router.get(
    "/{file_id}/status",
    summary="How a file stands",
    operation_id="mediaStatus",
    response_model_exclude_none=True,
    dependencies=[allowed(Permission.ASSETS_READ)],
    responses=openapi.errors(),
)
def status(file_id: str, services: ServicesDep, owner: OwnerDep) -> FileStatusResponse:
    """`processing`, `ready`, `not_found`, or `failed` with the reason as `error` and `code`."""
    return standing(services, owner, file_id)


@router.head(
    "/{file_id}",
    summary="Ask about a file",
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
    """The file's bytes, whole or by range."""
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
    summary="Remove a file",
    operation_id="mediaDelete",
    response_class=JSONResponse,
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    responses=openapi.errors(),
)
def delete(file_id: str, services: ServicesDep, owner: OwnerDep) -> dict[str, str]:
    """Remove it, or stop the work that would make it. Also well if there is nothing to remove."""
    files.remove(services, owner, file_id)
    return {"status": "success"}
