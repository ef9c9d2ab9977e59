"""The media server's files: found by their ids, made by jobs, taken in and removed."""

from __future__ import annotations

import hashlib
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
from gala_api.http.multipart import DISK_FULL, TEMPORARY_PREFIX
from gala_api.http.uploads import ReceivedFile, ReceivedUpload
from gala_api.jobs.inputs import MAX_FILES
from gala_api.jobs.submit import JobSubmission, PromisedAsset, submit_job


@dataclass(frozen=True, slots=True)
class PromisedFile:
    """A file that a job will make: the role of the output, and what the file will be."""

    role: str
    media_type: MediaType
    suffix: str
    kind: AssetKind = AssetKind.RENDER_OUTPUT


def find(services: Services, owner: str, file_id: str) -> Asset:
    """The finished file of that id. Raises AssetNotFound."""
    found = _finished(services, owner, {file_id})
    if not found:
        raise AssetNotFound(missing(file_id))
    return found[file_id]


def find_for(
    services: Services, owner: str, field: str, file_ids: Sequence[str], *media: MediaClass
) -> list[str]:
    """The assets of finished files that a form's field names, which are of such media.

    Raises AssetNotFound, and InvalidRequest for too many and for other media, naming the field.
    """
    if len(file_ids) > MAX_FILES:
        raise InvalidRequest(f"{field}: At most {MAX_FILES} files.", field=field)
    found = _finished(services, owner, set(file_ids))
    for file_id in file_ids:
        if file_id not in found:
            raise AssetNotFound(f"{field}: {missing(file_id)}", field=field)
        mime = found[file_id].mime
        if media_class(mime) not in media:
            raise InvalidRequest(
                f"{field}: File with ID {file_id} is {mime}, which is no {' or '.join(media)}.",
                field=field,
            )
    return [found[file_id].id for file_id in file_ids]


def missing(file_id: str) -> str:
    """What is said of an id that names nothing."""
    return f"File with ID {file_id[:200]} not found."


def _finished(services: Services, owner: str, file_ids: Collection[str]) -> dict[str, Asset]:
    known = [file_id for file_id in file_ids if is_media_id(file_id)]
    if not known:
        return {}
    with transaction(services.sessions) as session:
        rows = session.execute(
            select(MediaFile.id, Asset)
            .join(Asset, Asset.id == MediaFile.asset_id)
            .where(MediaFile.id.in_(known), MediaFile.owner_id == owner)
        )
        return {name: asset for name, asset in rows}  # noqa: C416 - rows are no pairs to mypy


def submit(
    services: Services, owner: str, submission: JobSubmission, *made: PromisedFile
) -> list[str]:
    """Have the work done as a job; the ids of the files that it will make, in that order."""
    names = [new_media_id(one.media_type, one.suffix) for one in made]
    promises = {
        one.role: PromisedAsset(
            id=ids.new_id(ids.Prefix.ASSET), kind=str(one.kind), filename=file_name(name)
        )
        for one, name in zip(made, names, strict=True)
    }

    def insert_files(session: Session, job: Job) -> None:
        session.add_all(
            MediaFile(id=name, owner_id=owner, asset_id=promises[one.role].id, job_id=job.id)
            for one, name in zip(made, names, strict=True)
        )

    submit_job(
        services, owner, replace(submission, promised_assets=promises, on_insert=insert_files)
    )
    return names


def store(services: Services, owner: str, file: ReceivedFile, media_type: MediaType) -> str:
    """Take an upload in; its file id. Raises InvalidRequest for another type."""
    asset = _stored(services, owner, file, media_type)
    name = new_media_id(media_type, suffix_of(asset.mime))
    with transaction(services.sessions) as session:
        session.add(MediaFile(id=name, owner_id=owner, asset_id=asset.id))
    return name


@contextmanager
def lent(
    services: Services, owner: str, file: ReceivedFile, media_type: MediaType
) -> Iterator[str]:
    """Take an upload in for one job alone, which the block submits; the id of its asset.

    It has no name here. It goes if the block fails, and with what the job made.
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
    """Keep each picture of a ZIP file that a job made; their ids. All of them, or none."""
    kept: list[str] = []
    with _on_disk(services, archive) as copy, ExitStack() as undo:
        with zipfile.ZipFile(copy) as pictures:
            for name in pictures.namelist():
                file_id = _keep(services, owner, pictures.read(name), name)
                undo.callback(remove, services, owner, file_id)
                kept.append(file_id)
        undo.pop_all()
    return kept


@contextmanager
def _on_disk(services: Services, asset: Asset) -> Iterator[IO[bytes]]:
    """The asset's bytes as a file of this process, which is gone when the context ends."""
    with tempfile.TemporaryFile(dir=services.settings.uploads) as copy:
        with disk_errors(DISK_FULL), service.storage_errors():
            storage = services.storages.get(asset.provider)
            with storage.open(asset.object_key) as stream:
                copy.writelines(stream)
        yield copy


def _keep(services: Services, owner: str, picture: bytes, filename: str) -> str:
    with tempfile.NamedTemporaryFile(
        dir=services.settings.uploads, prefix=TEMPORARY_PREFIX
    ) as kept:
        kept.write(picture)
        kept.flush()
        file = ReceivedFile(
            path=Path(kept.name),
            size=len(picture),
            sha256=hashlib.sha256(picture).hexdigest(),
            filename=filename,
        )
        return store(services, owner, file, MediaType.IMAGE)


def remove(services: Services, owner: str, file_id: str) -> None:
    """Remove the file, or stop the work that would make it; nothing to remove is fine."""
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
        doomed = [row.asset_id, *_nameless(session, row.job_id, owner)]
    for asset_id in doomed:
        # Not there yet, or still read by a job: it has no name here any more either way.
        with suppress(AssetNotFound, AssetInUse):
            service.delete(services.sessions, services.storages, owner, asset_id)


def _nameless(session: Session, job_id: str | None, owner: str) -> list[str]:
    """What else the file's job made or read that has no name here; a live job is stopped."""
    if job_id is None:
        return []
    named = select(MediaFile.asset_id).where(MediaFile.job_id == job_id)
    if session.scalars(named).first() is not None:
        return []
    if session.get_one(Job, job_id).status in LIVE:
        # It may end in between; then there is nothing to stop.
        with suppress(InvalidJobState):
            jobs.request_cancel(session, job_id, owner)
    made = session.scalars(select(JobOutput.asset_id).where(JobOutput.job_id == job_id))
    has_a_name = exists().where(MediaFile.asset_id == JobInput.asset_id)
    read = session.scalars(
        select(JobInput.asset_id).where(JobInput.job_id == job_id, ~has_a_name).distinct()
    )
    return [*(one for one in made if one is not None), *read]
