"""Models: avatars with their images, voice and framing."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Job, JobModel, Model, ModelAsset
from gala.errors import ErrorCode, ModelInUse, ModelNotFound
from gala.job import LIVE
from gala.permissions import Permission
from gala_api import serializers
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import ExactFilter, KnownQuery, Limit, Offset, Search, contains, page
from gala_api.http.path_ids import ModelId
from gala_api.jobs import personas, references
from gala_api.openapi.error_responses import errors
from gala_api.schemas.models import (
    CreateModelRequest,
    ModelResponse,
    ModelsListResponse,
    UpdateModelRequest,
)

router = APIRouter(tags=["Models"], route_class=JsonRoute)

_WRITE_ERRORS = (
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.ASSET_NOT_FOUND,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA,
)


def _find(session: Session, owner: str, model_id: str, *, lock: bool = False) -> Model:
    found = None
    if ids.is_id(ids.Prefix.MODEL, model_id):
        statement = select(Model).where(Model.id == model_id, Model.owner_id == owner)
        found = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise ModelNotFound
    return found


def _record_assets(session: Session, owner: str, row: Model) -> None:
    """Check the presenter of the preset, and record which assets the model refers to.

    They cannot be deleted meanwhile.
    """
    personas.persona_of(row.preset)
    wanted = references.by_path(references.asset_ids_in(row.preset, "preset"))
    wanted |= {f"asset_ids.{index}": [one] for index, one in enumerate(row.asset_ids)}
    found = references.assets(session, owner, wanted)
    session.execute(delete(ModelAsset).where(ModelAsset.model_id == row.id))
    session.add_all(ModelAsset(model_id=row.id, asset_id=asset.id) for asset in found)
    session.flush()


@router.post(
    "/models",
    summary="Create model (avatar profile)",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    status_code=201,
    responses=errors(*_WRITE_ERRORS),
)
def create_model(body: CreateModelRequest, services: ServicesDep, owner: OwnerDep) -> ModelResponse:
    """Make an avatar. Assets that it points to cannot be deleted meanwhile."""
    with transaction(services.sessions) as session:
        row = Model(id=ids.new_id(ids.Prefix.MODEL), owner_id=owner, **body.model_dump())
        session.add(row)
        session.flush()
        _record_assets(session, owner, row)
        session.refresh(row)
    return ModelResponse(model=serializers.model(row))


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
    with transaction(services.sessions) as session:
        rows, _ = page(session, statement, Model.id, limit=limit, offset=offset, cursor=None)
    return ModelsListResponse(models=[serializers.model(row) for row in rows])


@router.get(
    "/models/{modelId}",
    summary="Get model",
    responses=errors(ErrorCode.MODEL_NOT_FOUND),
    dependencies=[allowed(Permission.MODELS_READ)],
)
def get_model(model_id: ModelId, services: ServicesDep, owner: OwnerDep) -> ModelResponse:
    """An avatar: its images, voice and framing."""
    with transaction(services.sessions) as session:
        return ModelResponse(model=serializers.model(_find(session, owner, model_id)))


@router.patch(
    "/models/{modelId}",
    summary="Update model (partial)",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    responses=errors(ErrorCode.MODEL_NOT_FOUND, *_WRITE_ERRORS),
)
def update_model(
    model_id: ModelId, body: UpdateModelRequest, services: ServicesDep, owner: OwnerDep
) -> ModelResponse:
    """Change an avatar; fields that are absent or null stay unchanged."""
    with transaction(services.sessions) as session:
        row = _find(session, owner, model_id, lock=True)
        for name, value in body.model_dump(exclude_none=True).items():
            setattr(row, name, value)
        session.flush()
        _record_assets(session, owner, row)
        session.refresh(row)
    return ModelResponse(model=serializers.model(row))


@router.delete(
    "/models/{modelId}",
    summary="Delete model",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.MODEL_NOT_FOUND, ErrorCode.MODEL_IN_USE),
)
def delete_model(model_id: ModelId, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete an avatar, unless a live job uses it."""
    with transaction(services.sessions) as session:
        row = _find(session, owner, model_id, lock=True)
        used = (
            exists()
            .where(JobModel.model_id == model_id, JobModel.job_id == Job.id)
            .where(Job.status.in_(LIVE))
        )
        if session.scalar(select(used)):
            raise ModelInUse
        session.delete(row)
