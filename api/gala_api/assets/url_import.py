"""Import assets from URLs: the asset's id is returned at once, a job fetches the file."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError
from sqlalchemy import select
from starlette.requests import Request

from gala import ids
from gala.db import pending_assets, tables
from gala.db.engine import transaction
from gala.errors import AssetNotFound, GalaError, error_of
from gala.net.urls import web_url
from gala_api import serializers
from gala_api.assets import service, signed_links
from gala_api.assets.url_import_request import FIELD, INNER, INPUT, with_request_names
from gala_api.dependencies import Services
from gala_api.errors.validation import invalid_fields
from gala_api.http.filenames import clean_filename
from gala_api.http.json_body import JsonRequest
from gala_api.jobs.submit import JobSubmission, PendingAssetFields, submit_job
from gala_api.schemas.assets import Asset, ImportAssetRequest

TYPE: Final = "import"
_ROLE: Final = "media"


def is_import(request: Request) -> bool:
    """Return True if the request has the URL of a file instead of the file."""
    mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return mime == "application/json" or mime.endswith("+json")


async def read(request: Request) -> ImportAssetRequest:
    """Return the request's body. Raise InvalidRequest, or another error that names the field."""
    checked = JsonRequest(request.scope, request.receive)
    await checked.load()
    try:
        return ImportAssetRequest.model_validate(await checked.json())
    except ValidationError as error:
        raise invalid_fields(error.errors(), model=ImportAssetRequest) from error


class SubmittedImport(NamedTuple):
    """The asset that a file will become."""

    asset: Asset
    replayed: bool
    """True if an earlier request with the same idempotency key submitted it."""


def submit_import(
    services: Services, owner: str, body: ImportAssetRequest, key: str | None
) -> SubmittedImport:
    """Submit a job that fetches the file, and return the asset that it will become.

    The same idempotency key returns the same asset. Raise InvalidRequest, or another error that
    names the field.
    """
    if signed_links.own_link(services, body.url) is None:
        web_url(body.url, services.settings.fetch_allowed_hosts, field="url")
    pending = PendingAssetFields(
        id=ids.new_id(ids.Prefix.ASSET),
        kind=str(body.kind),
        label=body.label,
        filename=clean_filename(body.filename or _name_in(body.url)),
    )
    submission = JobSubmission(
        name=body.label,
        type=TYPE,
        inputs={f"{INPUT}_url": body.url},
        pending_assets={_ROLE: pending},
        request_body={"import": body.model_dump(mode="json", exclude_unset=True)},
    )
    try:
        job = submit_job(services, owner, submission, key)
    except GalaError as error:
        raise _with_request_names(error) from error
    return SubmittedImport(_of_job(services, owner, job.id), job.replayed)


def _name_in(url: str) -> str:
    return unquote(urlsplit(url).path)


def _with_request_names(error: GalaError) -> GalaError:
    """Return the error with the field name that this request uses."""
    details: dict[str, Any] = dict(error.details)
    if details.get("field") in INNER:
        details["field"] = FIELD
    return error_of(error.code, with_request_names(error.message), hint=error.hint, details=details)


def _of_job(services: Services, owner: str, job_id: str) -> Asset:
    """Return the asset of the job: pending or, for a repeated key, perhaps already made."""
    with transaction(services.sessions) as session:
        pending = pending_assets.of_job(session, job_id).get(_ROLE)
        found = None if pending is None else pending_assets.find(session, owner, pending.id)
        if found is not None:
            return serializers.pending_asset(found)
        produced = session.scalars(
            select(tables.Asset)
            .join(tables.JobOutput, tables.JobOutput.asset_id == tables.Asset.id)
            .where(tables.JobOutput.job_id == job_id, tables.JobOutput.role == _ROLE)
        ).one_or_none()
    if produced is None:
        raise AssetNotFound(
            "The asset of this Idempotency-Key was deleted.", hint="Send a new key."
        )
    return serializers.asset(produced, services.settings.base_url)


def find(services: Services, owner: str, asset_id: str) -> Asset:
    """Return the asset with this id, produced or not. Raise AssetNotFound."""
    with transaction(services.sessions) as session:
        pending = pending_assets.find(session, owner, asset_id)
    if pending is not None:
        return serializers.pending_asset(pending)
    row = service.find(services.sessions, owner, asset_id)
    return serializers.asset(row, services.settings.base_url)
