"""Store, find and delete assets: their rows in the database, their bytes at the provider."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db import pending_assets, quotas, stored_objects
from gala.db.engine import Sessions, transaction
from gala.db.tables import (
    Asset,
    BrandKitAsset,
    Job,
    JobInput,
    MediaFile,
    ModelAsset,
    TemplateAsset,
)
from gala.errors import (
    AssetInUse,
    AssetNotFound,
    InvalidRequest,
    QuotaExceeded,
    StorageFailed,
)
from gala.job import LIVE
from gala.job_queue import jobs
from gala.media import AssetKind
from gala.mime import suffix_of
from gala.sniff import check_kind, sniff
from gala.storage_errors import request_error
from gala_api.dependencies import Services
from gala_api.errors.validation import invalid_fields, nearest
from gala_api.http.uploads import ReceivedUpload
from gala_api.schemas.common import Line
from gala_storage import Storage, StorageError, StorageRegistry

log = logging.getLogger(__name__)

_LABEL: TypeAdapter[str] = TypeAdapter(Line)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise Unavailable or StorageFailed for errors of the storage."""
    try:
        yield
    except StorageError as error:
        raise request_error(error) from error


def find(sessions: Sessions, owner: str | None, asset_id: str) -> Asset:
    """Return the asset with this id: the owner's, or any owner's for ``None``.

    Raise AssetNotFound, or AssetPending if its job has not produced it yet.
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
        pending = pending_assets.find(session, owner, asset_id)
        if pending is not None:
            raise pending.refusal()
        # It may have been completed between the two queries.
        found = session.scalars(statement).one_or_none()
    if found is None:
        raise AssetNotFound
    return found


def bytes_left(services: Services, owner: str) -> int | None:
    """Return how large an upload of the owner may be by quota, or None if it is unlimited.

    Raise QuotaExceeded if nothing is left. The quota is checked again when the asset is recorded.
    """
    with transaction(services.sessions) as session:
        quota = quotas.effective(session, owner, services.quota)
        return quotas.bytes_left(session, owner, quota)


def store_upload(services: Services, owner: str, upload: ReceivedUpload) -> Asset:
    """Store an upload as an asset: check it, store it, verify the stored bytes, record it.

    Raise InvalidRequest, UnsupportedMedia, QuotaExceeded, StorageFailed or Unavailable. Nothing is
    recorded then, and stored bytes are removed, by the worker's sweeper at the latest.
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
        _insert(services, row)
    except QuotaExceeded:
        with transaction(services.sessions) as session:
            stored_objects.abandon(session, storage.provider, key)
        _remove(services.sessions, services.storages, storage.provider, key)
        raise
    return row


def _insert(services: Services, row: Asset) -> None:
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
        raise StorageFailed("The stored bytes differ from the upload; the asset was not recorded.")
    return key


def _kind(fields: Mapping[str, str]) -> AssetKind:
    _check_names(fields)
    value = fields.get("kind")
    if value is None:
        raise InvalidRequest("kind: This field is required.", field="kind", rule="missing")
    try:
        return AssetKind(value)
    except ValueError:
        raise InvalidRequest(
            f"kind: {value[:80]!r} is not a kind; there are: {', '.join(AssetKind)}.",
            field="kind",
            rule="enum",
            did_you_mean=nearest(value, AssetKind),
        ) from None


def _check_names(fields: Mapping[str, str]) -> None:
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
    """Return the file name under which a browser saves the asset."""
    if asset.filename:
        return asset.filename
    return f"{asset.label or asset.id}{suffix_of(asset.mime)}"


def delete(sessions: Sessions, storages: StorageRegistry, owner: str, asset_id: str) -> None:
    """Delete the asset's row and file ids, then its bytes unless another asset shares them.

    An asset that is not produced yet is withdrawn from its job. If the provider fails after the
    commit, the worker's sweeper deletes the bytes later. Raise AssetNotFound or AssetInUse.
    """
    if not ids.is_id(ids.Prefix.ASSET, asset_id):
        raise AssetNotFound
    with transaction(sessions) as session:
        # First, in the same order as the media server's deletion, so that they cannot deadlock.
        names = MediaFile.asset_id == asset_id, MediaFile.owner_id == owner
        session.execute(sql_delete(MediaFile).where(*names))
        if jobs.withdraw_asset(session, owner, asset_id):
            return
        row = _find(session, owner, asset_id, lock=True)
        _check_unused(session, asset_id)
        provider, key = row.provider, row.object_key
        session.delete(row)
        session.flush()
        unshared = stored_objects.abandon(session, provider, key)
    if unshared:
        _remove(sessions, storages, provider, key)


def remove_objects(
    sessions: Sessions, storages: StorageRegistry, objects: Iterable[tuple[str, str]]
) -> None:
    """Delete the bytes of abandoned objects, given as providers and keys; never raises for them."""
    for provider, key in objects:
        _remove(sessions, storages, provider, key)


def _remove(sessions: Sessions, storages: StorageRegistry, provider: str, key: str) -> None:
    """Delete unreferenced bytes; if the storage fails, the worker's sweeper does it later."""
    try:
        storages.get(provider).delete(key)
    except StorageError as error:
        log.warning("%s is not deleted yet, the sweeper will retry: %s", key, error)
        return
    with transaction(sessions) as session:
        stored_objects.forget(session, provider, key)


def _check_unused(session: Session, asset_id: str) -> None:
    live_job = (
        exists()
        .where(JobInput.asset_id == asset_id, JobInput.job_id == Job.id)
        .where(Job.status.in_(LIVE))
    )
    users = {
        "a live job": live_job,
        "a model": exists().where(ModelAsset.asset_id == asset_id),
        "a template": exists().where(TemplateAsset.asset_id == asset_id),
        "a brand kit": exists().where(BrandKitAsset.asset_id == asset_id),
    }
    for user, reference in users.items():
        if session.scalar(select(reference)):
            raise AssetInUse(
                f"{user[0].upper()}{user[1:]} refers to this asset.",
                hint="Delete or change it first, or wait until the job has ended.",
            )
