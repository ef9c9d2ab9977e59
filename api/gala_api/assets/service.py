"""Assets between the database and the storage provider."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db import pending_assets, quotas, stored_objects
from gala.db.engine import Sessions, transaction
from gala.db.tables import Asset, Job, JobInput, MediaFile, ModelAsset, TemplateAsset
from gala.errors import (
    AssetInUse,
    AssetNotFound,
    InvalidRequest,
    QuotaExceeded,
    StorageFailed,
    Unavailable,
)
from gala.job import LIVE
from gala.job_queue import jobs
from gala.media import AssetKind
from gala.mime import suffix_of
from gala.sniff import check_kind, sniff
from gala_api.dependencies import Services
from gala_api.errors.validation import invalid_fields, nearest
from gala_api.http.uploads import ReceivedUpload
from gala_api.schemas.common import Line
from gala_storage import Storage, StorageError, StorageRegistry

log = logging.getLogger(__name__)

_LABEL: TypeAdapter[str] = TypeAdapter(Line)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Say what storage says in the words of the API."""
    try:
        yield
    except StorageError as error:
        kind = Unavailable if error.retryable else StorageFailed
        raise kind(error.message) from error


def find(sessions: Sessions, owner: str | None, asset_id: str) -> Asset:
    """The asset of that id: the owner's, or anybody's for ``None``.

    Raises AssetNotFound, and AssetPending for one that is still being made.
    """
    with transaction(sessions) as session:
        return _find(session, owner, asset_id)


def _find(session: Session, owner: str | None, asset_id: str, *, lock: bool = False) -> Asset:
    if not ids.is_id(ids.Prefix.ASSET, asset_id):
        raise AssetNotFound
    statement = select(Asset).where(Asset.id == asset_id)
    if owner is not None:
        statement = statement.where(Asset.owner_id == owner)
    statement = statement.with_for_update() if lock else statement
    found = session.scalars(statement).one_or_none()
    if found is None:
        promise = pending_assets.find(session, owner, asset_id)
        if promise is not None:
            raise promise.refusal()
        # It may have come between the two looks.
        found = session.scalars(statement).one_or_none()
    if found is None:
        raise AssetNotFound
    return found


def bytes_left(services: Services, owner: str) -> int | None:
    """How large an upload of the owner may be now; ``None``: as large as anybody's.

    Raises QuotaExceeded if no byte is left. What counts is asked once more when it is recorded.
    """
    with transaction(services.sessions) as session:
        quota = quotas.effective(session, owner, services.quota)
        return quotas.bytes_left(session, owner, quota)


def store_upload(services: Services, owner: str, upload: ReceivedUpload) -> Asset:
    """Keep an upload as an asset: checked, stored, verified, then recorded.

    Raises InvalidRequest, UnsupportedMedia, QuotaExceeded, StorageFailed or Unavailable; then
    nothing is recorded, and what was stored is removed, by the worker's sweeper at the latest.
    """
    kind, label = _kind(upload.fields), _label(upload.fields)
    mime = sniff(upload.path)
    check_kind(kind, mime)
    asset_id = ids.new_id(ids.Prefix.ASSET)
    storage = services.storages.current
    name = f"assets/{asset_id}/{upload.sha256}{suffix_of(mime)}"
    key = _put(services.sessions, storage, name, upload, mime)
    row = Asset(
        id=asset_id,
        owner_id=owner,
        kind=kind,
        provider=storage.provider,
        object_key=key,
        mime=mime,
        size_bytes=upload.size,
        sha256=upload.sha256,
        label=label,
        filename=upload.filename,
    )
    try:
        _record(services, row)
    except QuotaExceeded:
        with transaction(services.sessions) as session:
            stored_objects.abandon(session, storage.provider, key)
        _remove(services.sessions, services.storages, storage.provider, key)
        raise
    return row


def _record(services: Services, row: Asset) -> None:
    with transaction(services.sessions) as session:
        quota = quotas.effective(session, row.owner_id, services.quota)
        quotas.reserve_bytes(session, row.owner_id, quota, row.size_bytes)
        stored_objects.commit(session, row.provider, row.object_key)
        session.add(row)
        session.flush()
        session.refresh(row)


def _put(sessions: Sessions, storage: Storage, name: str, upload: ReceivedUpload, mime: str) -> str:
    with storage_errors():
        key = storage.reserve(name)
    with transaction(sessions) as session:
        stored_objects.reserve(session, storage.provider, name, key)
    with storage_errors():
        stored = storage.put(key, upload.path, mime, name=name)
    if (stored.size, stored.sha256) != (upload.size, upload.sha256):
        raise StorageFailed("The storage kept other bytes than were uploaded; nothing is recorded.")
    return key


def _kind(fields: Mapping[str, str]) -> AssetKind:
    _refuse_unknown(fields)
    word = fields.get("kind")
    if word is None:
        raise InvalidRequest("kind: This field is required.", field="kind", rule="missing")
    try:
        return AssetKind(word)
    except ValueError:
        raise InvalidRequest(
            f"kind: {word[:80]!r} is no kind; there are: {', '.join(AssetKind)}.",
            field="kind",
            rule="enum",
            did_you_mean=nearest(word, AssetKind),
        ) from None


def _refuse_unknown(fields: Mapping[str, str]) -> None:
    for name in fields:
        if name not in {"kind", "label"}:
            raise InvalidRequest(
                f"{name[:80]}: There is no field of this name; there are: file, kind, label.",
                field=name[:80],
                rule="extra_forbidden",
                did_you_mean=nearest(name, ["file", "kind", "label"]),
            )


def _label(fields: Mapping[str, str]) -> str | None:
    label = fields.get("label")
    if not label or label.isspace():
        return None
    try:
        return _LABEL.validate_python(label)
    except ValidationError as error:
        raise invalid_fields(error.errors(), prefix=("label",)) from error


def download_name(asset: Asset) -> str:
    """The name that a browser saves the asset under."""
    if asset.filename:
        return asset.filename
    return f"{asset.label or asset.id}{suffix_of(asset.mime)}"


def delete(sessions: Sessions, storages: StorageRegistry, owner: str, asset_id: str) -> None:
    """Delete the asset's row and names, then its bytes unless another asset shares them.

    One that is still being made is not made any more. If the provider fails after the commit,
    the worker's sweeper deletes the bytes later.
    Raises AssetNotFound and AssetInUse.
    """
    if not ids.is_id(ids.Prefix.ASSET, asset_id):
        raise AssetNotFound
    with transaction(sessions) as session:
        # First, as the media server does: neither waits for the other's job in vain.
        names = MediaFile.asset_id == asset_id, MediaFile.owner_id == owner
        session.execute(sql_delete(MediaFile).where(*names))
        if jobs.withdraw_asset(session, owner, asset_id):
            return
        row = _find(session, owner, asset_id, lock=True)
        _refuse_used(session, asset_id)
        provider, key = row.provider, row.object_key
        session.delete(row)
        session.flush()
        unshared = stored_objects.abandon(session, provider, key)
    if unshared:
        _remove(sessions, storages, provider, key)


def _remove(sessions: Sessions, storages: StorageRegistry, provider: str, key: str) -> None:
    """Remove bytes that nothing refers to any more; if storage fails, the sweeper does it later."""
    try:
        storages.get(provider).delete(key)
    except StorageError as error:
        log.warning("%s stays for now: %s", key, error)
        return
    with transaction(sessions) as session:
        stored_objects.forget(session, provider, key)


def _refuse_used(session: Session, asset_id: str) -> None:
    live_job = (
        exists()
        .where(JobInput.asset_id == asset_id, JobInput.job_id == Job.id)
        .where(Job.status.in_(LIVE))
    )
    users = {
        "a live job": live_job,
        "a model": exists().where(ModelAsset.asset_id == asset_id),
        "a template": exists().where(TemplateAsset.asset_id == asset_id),
    }
    for user, points_here in users.items():
        if session.scalar(select(points_here)):
            raise AssetInUse(
                f"{user[0].upper()}{user[1:]} points to this asset.",
                hint="Delete or change that first, or wait until the job has ended.",
            )
