"""The media server's files: find, store, submit jobs that create them, and delete."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Asset, Job, JobInput, JobOutput, MediaFile
from gala.errors import AssetInUse, AssetNotFound, InvalidJobState, InvalidRequest
from gala.files import disk_errors
from gala.job import LIVE
from gala.job_queue import jobs
from gala.media import AssetKind, MediaClass, media_class
from gala.media_server.ids import MediaType, file_name, is_media_id, new_media_id
from gala.media_server.media_check import check_mime
from gala.mime import suffix_of
from gala_api.assets import service
from gala_api.dependencies import Services
from gala_api.http.multipart import DISK_FULL, FileSink
from gala_api.http.uploads import ReceivedFile, ReceivedUpload, received_file
from gala_api.jobs.inputs import MAX_FILES
from gala_api.jobs.submit import JobSubmission, PendingAssetFields, submit_job


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that a job will create: the role of the output, its media type and its suffix."""

    role: str
    media_type: MediaType
    suffix: str
    kind: AssetKind = AssetKind.RENDER_OUTPUT


def find(services: Services, owner: str, file_id: str) -> Asset:
    """Return the asset of a finished file; raise AssetNotFound."""
    found = _finished(services, owner, {file_id})
    if not found:
        raise AssetNotFound(not_found_message(file_id))
    return found[file_id]


def find_for(
    services: Services, owner: str, field: str, file_ids: Sequence[str], *media: MediaClass
) -> list[str]:
    """Return the asset ids of finished files that must belong to one of the media classes.

    Raise AssetNotFound, and InvalidRequest for too many files or another media class; both name
    ``field``, the form's field with the ids.
    """
    if len(file_ids) > MAX_FILES:
        raise InvalidRequest(f"{field}: At most {MAX_FILES} files.", field=field)
    found = _finished(services, owner, set(file_ids))
    for file_id in file_ids:
        if file_id not in found:
            raise AssetNotFound(f"{field}: {not_found_message(file_id)}", field=field)
        mime = found[file_id].mime
        if media_class(mime) not in media:
            raise InvalidRequest(
                f"{field}: File with ID {file_id} is {mime}, not {' or '.join(media)}.",
                field=field,
            )
    return [found[file_id].id for file_id in file_ids]


def first_missing(services: Services, owner: str, file_ids: Sequence[str]) -> str:
    """Return the first id that is not that of a finished file; there must be one."""
    found = _finished(services, owner, set(file_ids))
    return next((one for one in file_ids if one not in found), file_ids[0])


def not_found_message(file_id: str) -> str:
    """Return the message for an unknown id."""
    return f"File with ID {file_id[:200]} not found."


def _finished(services: Services, owner: str, file_ids: Collection[str]) -> dict[str, Asset]:
    valid_ids = [file_id for file_id in file_ids if is_media_id(file_id)]
    if not valid_ids:
        return {}
    with transaction(services.sessions) as session:
        rows = session.execute(
            select(MediaFile.id, Asset)
            .join(Asset, Asset.id == MediaFile.asset_id)
            .where(MediaFile.id.in_(valid_ids), MediaFile.owner_id == owner)
        )
        return {name: asset for name, asset in rows}  # noqa: C416 - rows are no pairs to mypy


def submit(
    services: Services, owner: str, submission: JobSubmission, *pending_files: PendingFile
) -> list[str]:
    """Submit a job and return the ids of the files that it will create, in the given order."""
    file_ids = [new_media_id(one.media_type, one.suffix) for one in pending_files]
    pending = {
        file.role: PendingAssetFields(
            id=ids.new_id(ids.Prefix.ASSET), kind=str(file.kind), filename=file_name(file_id)
        )
        for file, file_id in zip(pending_files, file_ids, strict=True)
    }

    def insert_files(session: Session, job: Job) -> None:
        session.add_all(
            MediaFile(id=file_id, owner_id=owner, asset_id=pending[file.role].id, job_id=job.id)
            for file, file_id in zip(pending_files, file_ids, strict=True)
        )

    submit_job(services, owner, replace(submission, pending_assets=pending, on_insert=insert_files))
    return file_ids


def store(services: Services, owner: str, file: ReceivedFile, media_type: MediaType) -> str:
    """Store an upload and return its file id; raise InvalidRequest if its type is different."""
    asset = _stored(services, owner, file, media_type)
    file_id = new_media_id(media_type, suffix_of(asset.mime))
    with transaction(services.sessions) as session:
        session.add(MediaFile(id=file_id, owner_id=owner, asset_id=asset.id))
    return file_id


@contextmanager
def temporary_asset(
    services: Services, owner: str, file: ReceivedFile, media_type: MediaType
) -> Iterator[str]:
    """Store an upload for the one job that the block submits, and yield the id of its asset.

    The asset has no file id. It is deleted if the block raises, and with the job's files.
    """
    asset = _stored(services, owner, file, media_type)
    with ExitStack() as undo:
        undo.callback(service.delete, services.sessions, services.storages, owner, asset.id)
        yield asset.id
        undo.pop_all()


def _stored(services: Services, owner: str, file: ReceivedFile, media_type: MediaType) -> Asset:
    upload = ReceivedUpload(
        path=file.path,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        fields={"kind": AssetKind.OTHER},
    )
    asset = service.store_upload(services, owner, upload)
    try:
        check_mime(asset.mime, media_type)
    except InvalidRequest:
        service.delete(services.sessions, services.storages, owner, asset.id)
        raise
    return asset


def keep_archive(services: Services, owner: str, archive: Asset) -> list[str]:
    """Store each image of a ZIP file that a job created and return their ids; all or none."""
    file_ids: list[str] = []
    with _on_disk(services, archive) as copy, ExitStack() as undo:
        with zipfile.ZipFile(copy) as images:
            for name in images.namelist():
                file_id = _store_image(services, owner, images.read(name), name)
                undo.callback(remove, services, owner, file_id)
                file_ids.append(file_id)
        undo.pop_all()
    return file_ids


@contextmanager
def _on_disk(services: Services, asset: Asset) -> Iterator[IO[bytes]]:
    """Yield a temporary file with the asset's content, removed at the end of the block."""
    with tempfile.TemporaryFile(dir=services.settings.uploads) as copy:
        with disk_errors(DISK_FULL), service.storage_errors():
            storage = services.storages.get(asset.provider)
            with storage.open(asset.object_key) as stream:
                copy.writelines(stream)
        yield copy


def _store_image(services: Services, owner: str, image: bytes, filename: str) -> str:
    with _upload_of(image, filename, services.settings.uploads) as file:
        return store(services, owner, file, MediaType.IMAGE)


@contextmanager
def _upload_of(content: bytes, filename: str, folder: Path) -> Iterator[ReceivedFile]:
    sink = FileSink(folder, filename)
    try:
        with disk_errors(DISK_FULL):
            sink.write(memoryview(content))
        yield received_file(sink)
    finally:
        sink.discard()


def remove(services: Services, owner: str, file_id: str) -> None:
    """Remove the file, or cancel the work that creates it; do nothing if there is none."""
    if not is_media_id(file_id):
        return
    with transaction(services.sessions) as session:
        row = session.execute(
            delete(MediaFile)
            .where(MediaFile.id == file_id, MediaFile.owner_id == owner)
            .returning(MediaFile.asset_id, MediaFile.job_id)
        ).one_or_none()
        if row is None:
            return
        obsolete = [row.asset_id, *_orphaned_assets(session, row.job_id, owner)]
    for asset_id in obsolete:
        # The asset may be pending or in use by a job; it has no file id any more in any case.
        with suppress(AssetNotFound, AssetInUse):
            service.delete(services.sessions, services.storages, owner, asset_id)


def _orphaned_assets(session: Session, job_id: str | None, owner: str) -> list[str]:
    """Return other assets of the file's job, made or read, that have no file id.

    Cancel the job if it has not ended and no other file depends on it.
    """
    if job_id is None:
        return []
    named = select(MediaFile.asset_id).where(MediaFile.job_id == job_id)
    if session.scalars(named).first() is not None:
        return []
    if session.get_one(Job, job_id).status in LIVE:
        # The job may end in between; then there is nothing to cancel.
        with suppress(InvalidJobState):
            jobs.request_cancel(session, job_id, owner)
    outputs = session.scalars(select(JobOutput.asset_id).where(JobOutput.job_id == job_id))
    has_file_id = exists().where(MediaFile.asset_id == JobInput.asset_id)
    inputs = session.scalars(
        select(JobInput.asset_id).where(JobInput.job_id == job_id, ~has_file_id).distinct()
    )
    return [*(one for one in outputs if one is not None), *inputs]
