"""Assets: upload, list, fetch, delete."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from gala.db.engine import transaction
from gala.errors import ErrorCode
from gala.media import AssetKind, AssetStatus
from gala.permissions import Permission
from gala_api import serializers
from gala_api.assets import listing, service, signed_links, url_import
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.content_response import StoredContent, content_response
from gala_api.http.filenames import Disposition
from gala_api.http.headers import IdempotencyKey, replay_headers
from gala_api.http.paging import AssetCursor, KnownQuery, Limit, Offset, Search
from gala_api.http.path_ids import AssetId
from gala_api.http.routers import Router
from gala_api.http.uploads import receive_upload
from gala_api.openapi import asset_content as content_docs
from gala_api.openapi.error_responses import errors
from gala_api.rate_limit.upload_quota import upload_limit
from gala_api.schemas.assets import AssetResponse, AssetsListResponse, AssetURLResponse

log = logging.getLogger(__name__)

router = Router(tags=["Assets"])


@router.post(
    "/assets",
    summary="Upload asset (multipart), or import it from a URL (JSON)",
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    status_code=201,
    response_model=AssetResponse,
    openapi_extra=content_docs.UPLOAD,
    responses={
        202: {
            "model": AssetResponse,
            "description": "The URL will be fetched; the asset is `pending` until then.",
            "headers": content_docs.LOCATION,
        },
        **errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.ASSET_NOT_FOUND,
            ErrorCode.ASSET_PENDING,
            ErrorCode.PAYLOAD_TOO_LARGE,
            ErrorCode.UNSUPPORTED_MEDIA,
            ErrorCode.IDEMPOTENCY_MISMATCH,
            ErrorCode.URL_REFUSED,
            ErrorCode.STORAGE_FAILED,
            ErrorCode.OUT_OF_DISK,
        ),
    },
)
async def upload_asset(
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    idempotency_key: IdempotencyKey = None,
) -> AssetResponse | JSONResponse:
    """Store a file as an asset, or import it from a URL.

    Its media type is determined from its first bytes, not from its name. `Idempotency-Key` is for
    URLs only.
    """
    if url_import.is_import(request):
        body = await url_import.read(request)
        asset, replayed = await run_in_threadpool(
            url_import.submit_import, services, owner, body, idempotency_key
        )
        content = AssetResponse(asset=asset).model_dump(mode="json")
        location = services.settings.location(f"/assets/{asset.id}")
        headers = {"Location": location, **replay_headers(replayed=replayed)}
        return JSONResponse(content, 202, headers=headers)
    staging = services.settings.uploads
    async with (
        upload_limit(services, owner) as max_bytes,
        receive_upload(request, staging=staging, max_bytes=max_bytes) as upload,
    ):
        row = await run_in_threadpool(service.store_upload, services, owner, upload)
    return AssetResponse(asset=serializers.asset(row, services.settings.base_url))


@router.get(
    "/assets",
    summary="List assets",
    dependencies=[allowed(Permission.ASSETS_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_assets(
    services: ServicesDep,
    owner: OwnerDep,
    kind: Annotated[AssetKind | None, Query()] = None,
    status: Annotated[AssetStatus | None, Query()] = None,
    q: Search = None,
    limit: Limit = 50,
    offset: Offset = 0,
    cursor: AssetCursor = None,
) -> AssetsListResponse:
    """Assets, newest first; `q` searches label, file name and MIME type."""
    matching = listing.AssetFilter(owner=owner, kind=kind, status=status, q=q)
    with transaction(services.sessions) as session:
        rows, more = listing.page(
            session,
            matching,
            base_url=services.settings.base_url,
            limit=limit,
            offset=offset,
            cursor=cursor,
        )
    return AssetsListResponse(assets=rows, next_cursor=more)


@router.get(
    "/assets/{assetId}",
    summary="Get asset metadata",
    responses=errors(ErrorCode.ASSET_NOT_FOUND),
    dependencies=[allowed(Permission.ASSETS_READ)],
)
def get_asset(asset_id: AssetId, services: ServicesDep, owner: OwnerDep) -> AssetResponse:
    """An asset's metadata; `status` is `ready` if its bytes are available."""
    return AssetResponse(asset=url_import.find(services, owner, asset_id))


@router.get(
    "/assets/{assetId}/url",
    summary="Get asset download URL",
    dependencies=[allowed(Permission.ASSETS_READ)],
    operation_id="getAssetURL",
    responses=errors(
        ErrorCode.ASSET_NOT_FOUND, ErrorCode.ASSET_PENDING, ErrorCode.VALIDATION_ERROR
    ),
)
def get_asset_url(
    asset_id: AssetId,
    services: ServicesDep,
    owner: OwnerDep,
    expires_in: Annotated[
        int,
        Query(
            ge=1, le=signed_links.MAX_LINK_SECONDS, description="Lifetime of the link in seconds."
        ),
    ] = signed_links.DEFAULT_LINK_SECONDS,
) -> AssetURLResponse:
    """A signed URL of the asset's bytes, which needs no header until it expires.

    It leads to this API, which streams from every provider.
    """
    row = service.find(services.sessions, owner, asset_id)
    link = signed_links.signed_link(services, row.id, expires_in)
    return AssetURLResponse(asset_id=row.id, url=link.url, expires_at=link.expires_at)


@router.head(
    "/assets/{assetId}/content",
    response_class=Response,
    summary="Get asset content headers",
    dependencies=[signed_links.linked_or_allowed(Permission.ASSETS_READ)],
    operation_id="headAssetContent",
    openapi_extra=content_docs.CONDITIONS,
    responses=content_docs.HEAD,
)
@router.get(
    "/assets/{assetId}/content",
    response_class=Response,
    summary="Stream asset content",
    dependencies=[signed_links.linked_or_allowed(Permission.ASSETS_READ)],
    operation_id="streamAssetContent",
    openapi_extra=content_docs.RANGES,
    responses=content_docs.CONTENT,
)
async def asset_content(
    asset_id: AssetId,
    request: Request,
    services: ServicesDep,
    reader: signed_links.ReaderDep,
    download: Annotated[bool, Query(description="Send it as an attachment, to be saved.")] = False,
    expires: signed_links.Expires = None,
    signature: signed_links.Signature = None,
) -> Response:
    """The asset's bytes, whole or by range (RFC 9110).

    With a signed link (`GET /assets/{assetId}/url`) no header is needed.
    """
    row = await run_in_threadpool(service.find, services.sessions, reader, asset_id)
    fresh = signed_links.fresh_seconds(expires, signature)
    stored = StoredContent(
        object_key=row.object_key,
        mime=row.mime,
        size=row.size_bytes,
        sha256=row.sha256,
        filename=service.download_name(row),
        modified=row.created_at,
    )
    with service.storage_errors():
        storage = services.storages.get(row.provider)
    disposition = Disposition.ATTACHMENT if download else Disposition.INLINE
    return content_response(
        request, storage=storage, stored=stored, disposition=disposition, fresh_seconds=fresh
    )


@router.delete(
    "/assets/{assetId}",
    summary="Delete asset",
    dependencies=[allowed(Permission.ASSETS_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.ASSET_NOT_FOUND, ErrorCode.ASSET_IN_USE),
)
def delete_asset(asset_id: AssetId, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete an asset and its bytes, unless a live job, a model or a template refers to it.

    The job of a `pending` asset is cancelled.
    """
    service.delete(services.sessions, services.storages, owner, asset_id)
