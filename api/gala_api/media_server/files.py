"""The media server's files: found by their ids, said how they stand, taken in and removed."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db import queue
from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobOutput, MediaFile
from gala.errors import AssetInUse, AssetNotFound, InvalidJobState, InvalidRequest
from gala.job import LIVE, JobStatus
from gala.media import AssetKind, MediaClass, media_class
from gala.mime import suffix_of
from gala_api import storing
from gala_api.accepting import Order, Promise, accept
from gala_api.media_server.names import MediaType, file_name, is_file_id, new_file_id
from gala_api.multipart import TEMPORARY_PREFIX
from gala_api.schemas.jobs import CreateJobRequest
from gala_api.services import Services
from gala_api.uploads import ReceivedFile, ReceivedUpload

_CLASSES: Final = {
    MediaType.IMAGE: MediaClass.IMAGE,
    MediaType.VIDEO: MediaClass.VIDEO,
    MediaType.AUDIO: MediaClass.AUDIO,
}
UNKNOWN_BYTES: Final = "application/octet-stream"
"""What raw samples look like."""


class FileStatus(StrEnum):
    """How a file stands."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a file stands; ``error`` says why it failed."""

    status: FileStatus
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A file that a job will make: the role of the output, and what the file will be."""

    role: str
    media_type: MediaType
    suffix: str
    kind: AssetKind = AssetKind.RENDER_OUTPUT


def standing(services: Services, owner: str, file_id: str) -> Standing:
    """How the file stands. The finished file is looked for first."""
    if not is_file_id(file_id):
        return Standing(FileStatus.NOT_FOUND)
    with transaction(services.sessions) as session:
        row = session.execute(
            select(Asset.id, Job.status, Job.error)
            .select_from(MediaFile)
            .outerjoin(Asset, Asset.id == MediaFile.asset_id)
            .outerjoin(Job, Job.id == MediaFile.job_id)
            .where(MediaFile.id == file_id, MediaFile.owner_id == owner)
        ).one_or_none()
    return Standing(FileStatus.NOT_FOUND) if row is None else _standing(*row)


def _standing(asset_id: str | None, status: str | None, error: dict[str, Any] | None) -> Standing:
    if asset_id is not None:
        return Standing(FileStatus.READY)
    if status in LIVE:
        return Standing(FileStatus.PROCESSING)
    if status == JobStatus.CANCELLED:
        return Standing(FileStatus.FAILED, "The work was cancelled.")
    if error is not None:
        return Standing(FileStatus.FAILED, error["message"])
    return Standing(FileStatus.NOT_FOUND)


def find(services: Services, owner: str, file_id: str) -> Asset:
    """The finished file of that id. Raises AssetNotFound."""
    found = None
    if is_file_id(file_id):
        with transaction(services.sessions) as session:
            found = session.scalars(
                select(Asset)
                .join(MediaFile, MediaFile.asset_id == Asset.id)
                .where(MediaFile.id == file_id, MediaFile.owner_id == owner)
            ).one_or_none()
    if found is None:
        raise AssetNotFound(f"File with ID {file_id[:200]} not found.")
    return found


def submit(services: Services, owner: str, body: CreateJobRequest, *made: Made) -> list[str]:
    """Have the work done as a job; the ids of the files that it will make, in that order."""
    names = [new_file_id(one.media_type, one.suffix) for one in made]
    promises = {
        one.role: Promise(
            id=ids.new_id(ids.Prefix.ASSET), kind=str(one.kind), filename=file_name(name)
        )
        for one, name in zip(made, names, strict=True)
    }

    def write_down(session: Session, job: Job) -> None:
        session.add_all(
            MediaFile(id=name, owner_id=owner, asset_id=promises[one.role].id, job_id=job.id)
            for one, name in zip(made, names, strict=True)
        )

    accept(services, owner, Order(request=body, promises=promises, alongside=write_down))
    return names


def store(
    services: Services, owner: str, file: ReceivedFile, media_type: MediaType
) -> tuple[str, str]:
    """Take an upload in; its file id and its asset's. Raises InvalidRequest for another type."""
    upload = ReceivedUpload(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        fields={"kind": AssetKind.OTHER},
    )
    asset = storing.store_upload(services, owner, upload)
    try:
        _check_type(asset, media_type)
    except InvalidRequest:
        storing.delete(services.sessions, services.storages, owner, asset.id)
        raise
    name = new_file_id(media_type, suffix_of(asset.mime))
    with transaction(services.sessions) as session:
        session.add(MediaFile(id=name, owner_id=owner, asset_id=asset.id))
    return name, asset.id


def store_bytes(
    services: Services, owner: str, data: bytes, media_type: MediaType, filename: str
) -> str:
    """Take in what was made for an answer; its file id."""
    with tempfile.NamedTemporaryFile(
        dir=services.settings.uploads, prefix=TEMPORARY_PREFIX
    ) as kept:
        kept.write(data)
        kept.flush()
        file = ReceivedFile(
            path=Path(kept.name),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            filename=filename,
        )
        return store(services, owner, file, media_type)[0]


def _check_type(asset: Asset, media_type: MediaType) -> None:
    wanted = _CLASSES.get(media_type)
    raw_sound = media_type is MediaType.AUDIO and asset.mime == UNKNOWN_BYTES
    if wanted is not None and media_class(asset.mime) is not wanted and not raw_sound:
        raise InvalidRequest(
            f"The file is {asset.mime}, which is no {media_type}.", field="media_type"
        )


def remove(services: Services, owner: str, file_id: str) -> None:
    """Remove the file, or stop the work that would make it; nothing to remove is fine."""
    if not is_file_id(file_id):
        return
    with transaction(services.sessions) as session:
        row = session.execute(
            delete(MediaFile)
            .where(MediaFile.id == file_id, MediaFile.owner_id == owner)
            .returning(MediaFile.asset_id, MediaFile.job_id)
        ).one_or_none()
        if row is None:
            return
        doomed = [row.asset_id, *_nameless(session, row.job_id, owner)]
    for asset_id in doomed:
        # Not there yet, or still read by a job: it has no name here any more either way.
        with suppress(AssetNotFound, AssetInUse):
            storing.delete(services.sessions, services.storages, owner, asset_id)


def _nameless(session: Session, job_id: str | None, owner: str) -> list[str]:
    """What else the file's job made and nobody here has a name for; a live job is stopped."""
    if job_id is None:
        return []
    named = select(MediaFile.asset_id).where(MediaFile.job_id == job_id)
    if session.scalars(named).first() is not None:
        return []
    if session.get_one(Job, job_id).status in LIVE:
        # It may end in between; then there is nothing to stop.
        with suppress(InvalidJobState):
            queue.request_cancel(session, job_id, owner)
    made = select(JobOutput.asset_id).where(JobOutput.job_id == job_id)
    return [one for one in session.scalars(made) if one is not None]
