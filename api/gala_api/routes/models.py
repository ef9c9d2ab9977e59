"""Models: avatars with their images, voice and framing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import or_, select
from starlette.concurrency import run_in_threadpool

from gala.db.engine import transaction
from gala.db.tables import Model
from gala.errors import ErrorCode
from gala.mime import suffix_of
from gala.permissions import Permission
from gala_api import serializers
from gala_api.assets.service import storage_errors
from gala_api.auth.access import allowed
from gala_api.dependencies import CallerDep, OwnerDep, Services, ServicesDep
from gala_api.http.content_response import StoredContent, content_response
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import ExactFilter, KnownQuery, Limit, Offset, Search, contains, page
from gala_api.http.path_ids import ModelId
from gala_api.http.routers import Router
from gala_api.models import previews, service
from gala_api.models.body_check import checked_body
from gala_api.models.preview_delivery import find_or_make
from gala_api.models.previews import PreviewKind
from gala_api.openapi import asset_content as content_docs
from gala_api.openapi.error_responses import errors
from gala_api.schemas.models import (
    CreateModelRequest,
    ModelResponse,
    ModelsListResponse,
    UpdateModelRequest,
)

router = Router(tags=["Models"], route_class=JsonRoute)

_WRITE_ERRORS = (
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.QUOTA_EXCEEDED,
    ErrorCode.ASSET_NOT_FOUND,
    ErrorCode.ASSET_PENDING,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA,
    ErrorCode.UNPROCESSABLE_MEDIA,
    ErrorCode.ENGINE_MISSING,
)


@router.post(
    "/models",
    summary="Create model (avatar profile)",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    status_code=201,
    responses=errors(*_WRITE_ERRORS),
)
async def create_model(
    body: CreateModelRequest, request: Request, services: ServicesDep, caller: CallerDep
) -> ModelResponse:
    """Make an avatar. Assets that it points to cannot be deleted meanwhile.

    The picture of a `preset.presenter` is checked: without a face that can speak, nothing is
    stored. The response waits for the check for at most `MODEL_CHECK_SECONDS`.
    """
    owner = caller.owner_id
    draft = await run_in_threadpool(service.draft_new, services, owner, body.columns())
    if not draft.must_check:
        stored = await run_in_threadpool(service.insert, services, caller, draft, None)
        return _response(services, stored)
    async with checked_body(request, services, owner, draft.preview) as checked:
        stored = await run_in_threadpool(service.insert, services, caller, draft, checked)
    return _response(services, stored)


@router.get(
    "/models",
    summary="List models",
    dependencies=[allowed(Permission.MODELS_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_models(
    services: ServicesDep,
    owner: OwnerDep,
    q: Search = None,
    tag: ExactFilter = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ModelsListResponse:
    """Avatars, the newest first; `q` looks in names and tags."""
    statement = select(Model).where(Model.owner_id == owner)
    if q is not None:
        named = contains(Model.stage_name, q)
        statement = statement.where(or_(named, Model.tags.contains([q])))
    if tag is not None:
        statement = statement.where(Model.tags.contains([tag]))
    base_url = services.settings.base_url
    with transaction(services.sessions) as session:
        rows, _ = page(session, statement, Model.id, limit=limit, offset=offset, cursor=None)
        kinds = previews.kinds(session, [row.id for row in rows])
    return ModelsListResponse(
        models=[serializers.model(row, kinds[row.id], base_url) for row in rows]
    )


@router.get(
    "/models/{modelId}",
    summary="Get model",
    responses=errors(ErrorCode.MODEL_NOT_FOUND),
    dependencies=[allowed(Permission.MODELS_READ)],
)
def get_model(model_id: ModelId, services: ServicesDep, owner: OwnerDep) -> ModelResponse:
    """An avatar: its images, voice and framing."""
    with transaction(services.sessions) as session:
        row = service.find(session, owner, model_id)
        stored = service.StoredModel(row, frozenset(previews.find(session, row.id)))
    return _response(services, stored)


@router.get(
    "/models/{modelId}/preview",
    response_class=Response,
    summary="See model",
    dependencies=[allowed(Permission.MODELS_READ), KnownQuery],
    openapi_extra=content_docs.RANGES,
    responses=content_docs.PREVIEW,
)
async def get_model_preview(
    model_id: ModelId,
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    kind: Annotated[
        PreviewKind,
        Query(
            description="`neutral` (JPEG): at rest. `clip` (MP4): two seconds of movement. `found`"
            " (PNG): the picture with the places of eyes, brows, nose and lips."
        ),
    ] = PreviewKind.NEUTRAL,
) -> Response:
    """A preview of the avatar as a presenter, whole or by range (RFC 9110).

    It was made when the picture was checked, or is made at the first request, as the clip always
    is. A drawn character has no `found`.
    """
    found = await find_or_make(request, services, owner, model_id, kind)
    stored = StoredContent(
        object_key=found.object_key,
        mime=found.mime,
        size=found.size_bytes,
        sha256=found.sha256,
        filename=f"{model_id}-{kind}{suffix_of(found.mime)}",
        modified=found.created_at,
    )
    with storage_errors():
        storage = services.storages.get(found.provider)
    return content_response(request, storage=storage, stored=stored, fresh_seconds=None)


@router.patch(
    "/models/{modelId}",
    summary="Update model (partial)",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    responses=errors(ErrorCode.MODEL_NOT_FOUND, ErrorCode.CONFLICT, *_WRITE_ERRORS),
)
async def update_model(
    model_id: ModelId,
    body: UpdateModelRequest,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
) -> ModelResponse:
    """Change an avatar; fields that are absent or null stay unchanged.

    Another picture of the presenter is checked as in `POST /models`, and has other previews.
    """
    owner, changes = caller.owner_id, body.columns()
    draft = await run_in_threadpool(service.draft_change, services, owner, model_id, changes)
    if not draft.must_check:
        stored = await run_in_threadpool(service.change, services, caller, model_id, draft, None)
        return _response(services, stored)
    async with checked_body(request, services, owner, draft.preview) as checked:
        stored = await run_in_threadpool(service.change, services, caller, model_id, draft, checked)
    return _response(services, stored)


@router.delete(
    "/models/{modelId}",
    summary="Delete model",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.MODEL_NOT_FOUND, ErrorCode.MODEL_IN_USE),
)
def delete_model(model_id: ModelId, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete an avatar and its previews, unless a live job uses it."""
    service.delete(services, owner, model_id)


def _response(services: Services, stored: service.StoredModel) -> ModelResponse:
    base_url = services.settings.base_url
    return ModelResponse(model=serializers.model(stored.row, stored.kinds, base_url))
