"""Templates: named ways to use a render type."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import ValidationError
from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gala import ids
from gala.db.engine import transaction
from gala.db.tables import Template, TemplateAsset
from gala.errors import ErrorCode, Forbidden, InvalidRequest, TemplateNameExists, TemplateNotFound
from gala.permissions import Permission
from gala_api import serializers
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.errors.validation import invalid_fields, nearest
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import ExactFilter, KnownQuery, Limit, Offset, Search, contains
from gala_api.http.path_ids import TemplateId
from gala_api.jobs import references, resolve
from gala_api.jobs.params_schema import ParamsSchema
from gala_api.openapi.error_responses import errors
from gala_api.schemas.templates import (
    CreateTemplateRequest,
    TemplateResponse,
    TemplatesListResponse,
    UpdateTemplateRequest,
)

router = APIRouter(tags=["Templates"], route_class=JsonRoute)

_WRITE_ERRORS = (
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.ASSET_NOT_FOUND,
    ErrorCode.TEMPLATE_NAME_EXISTS,
    ErrorCode.PAYLOAD_TOO_LARGE,
    ErrorCode.UNSUPPORTED_MEDIA,
)


def _own(session: Session, owner: str, template_id: str) -> Template:
    """Return the owner's template, locked. Raise TemplateNotFound, or Forbidden if built in."""
    found = references.template(session, owner, template_id)
    if found.owner_id == ids.BUILTIN_OWNER:
        raise Forbidden("Built-in templates cannot be changed; create your own.")
    locked = session.get(Template, template_id, with_for_update=True, populate_existing=True)
    if locked is None or locked.deleted_at is not None:
        raise TemplateNotFound
    return locked


def _check(session: Session, owner: str, row: Template) -> None:
    """Check that jobs can use the template, and record which assets it refers to."""
    render_type = resolve.known_type(row.type)
    schema = ParamsSchema(row.params_schema)
    schema.check(row.defaults, prefix="defaults", complete=False)
    inputs = {render_type.input_field(name) for name in render_type.inputs}
    _check_names(schema.names, {*render_type.params.model_fields, *inputs}, render_type.name)
    rest = {name: value for name, value in row.defaults.items() if name not in inputs}
    _check_defaults(rest, render_type.name)
    wanted = references.by_path(references.asset_ids_in(row.defaults, "defaults"))
    found = references.assets(session, owner, wanted)
    session.execute(delete(TemplateAsset).where(TemplateAsset.template_id == row.id))
    session.add_all(TemplateAsset(template_id=row.id, asset_id=asset.id) for asset in found)
    session.flush()


def _check_names(declared: Sequence[str], known: set[str], type_name: str) -> None:
    for name in declared:
        if name not in known:
            meant = nearest(name, known)
            known_names = (
                f"did you mean {meant!r}?" if meant else f"it takes: {', '.join(sorted(known))}."
            )
            raise InvalidRequest(
                f"params_schema.{name[:80]}: {type_name} takes no such param; {known_names}",
                field=f"params_schema.{name[:80]}",
                rule="unknown_param",
                did_you_mean=None if meant is None else f"params_schema.{meant}",
            )


def _check_defaults(defaults: dict[str, object], type_name: str) -> None:
    model = resolve.known_type(type_name).params
    try:
        model.parse(defaults)
    except ValidationError as error:
        wrong = [raw for raw in error.errors() if raw["type"] != "missing"]
        if wrong:
            raise invalid_fields(wrong, prefix=("defaults",), model=model) from error


def _flush_name(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if "uq_templates_living_name" in str(error.orig):
            raise TemplateNameExists(field="name") from error
        raise


@router.post(
    "/templates",
    summary="Create template",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    status_code=201,
    responses=errors(*_WRITE_ERRORS),
)
def create_template(
    body: CreateTemplateRequest, services: ServicesDep, owner: OwnerDep
) -> TemplateResponse:
    """Create a template for a render type. Absent fields are taken from the type."""
    render_type = resolve.known_type(body.type)
    with transaction(services.sessions) as session:
        row = Template(
            id=ids.new_id(ids.Prefix.TEMPLATE),
            owner_id=owner,
            type=render_type.name,
            name=body.name,
            duration_ms=body.duration_ms or render_type.duration_ms,
            format=resolve.stored_format(body.format or render_type.format, render_type),
            params_schema=body.params_schema,
            defaults=body.defaults,
        )
        session.add(row)
        _flush_name(session)
        _check(session, owner, row)
        session.refresh(row)
    return TemplateResponse(template=serializers.template(row))


@router.get(
    "/templates",
    summary="List templates",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_templates(
    services: ServicesDep,
    owner: OwnerDep,
    q: Search = None,
    type: ExactFilter = None,  # noqa: A002
    limit: Limit = 50,
    offset: Offset = 0,
) -> TemplatesListResponse:
    """Templates: built-in ones first, then newest first."""
    visible = or_(Template.owner_id == owner, Template.owner_id == ids.BUILTIN_OWNER)
    statement = select(Template).where(Template.deleted_at.is_(None), visible)
    if q is not None:
        statement = statement.where(contains(Template.name, q))
    if type is not None:
        statement = statement.where(Template.type == type)
    first = case((Template.owner_id == ids.BUILTIN_OWNER, 0), else_=1)
    ordered = statement.order_by(first, Template.id.desc()).limit(limit).offset(offset)
    with transaction(services.sessions) as session:
        rows = session.scalars(ordered).all()
    return TemplatesListResponse(templates=[serializers.template(row) for row in rows])


@router.get(
    "/templates/{templateId}",
    summary="Get template",
    dependencies=[allowed(Permission.TEMPLATES_READ)],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND),
)
def get_template(
    template_id: TemplateId, services: ServicesDep, owner: OwnerDep
) -> TemplateResponse:
    """A template with its params schema and defaults."""
    with transaction(services.sessions) as session:
        found = references.template(session, owner, template_id)
    return TemplateResponse(template=serializers.template(found))


@router.patch(
    "/templates/{templateId}",
    summary="Update template",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.FORBIDDEN, *_WRITE_ERRORS),
)
def update_template(
    template_id: TemplateId, body: UpdateTemplateRequest, services: ServicesDep, owner: OwnerDep
) -> TemplateResponse:
    """Change a template; fields that are absent or null stay unchanged. Jobs are not affected."""
    with transaction(services.sessions) as session:
        row = _own(session, owner, template_id)
        for name, value in body.model_dump(exclude_none=True).items():
            setattr(row, name, value)
        _flush_name(session)
        _check(session, owner, row)
        session.refresh(row)
    return TemplateResponse(template=serializers.template(row))


@router.delete(
    "/templates/{templateId}",
    summary="Delete template",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.FORBIDDEN),
)
def delete_template(template_id: TemplateId, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete a template; its name can be used again, jobs are not affected."""
    with transaction(services.sessions) as session:
        row = _own(session, owner, template_id)
        row.deleted_at = session.scalar(select(func.now()))
        session.execute(delete(TemplateAsset).where(TemplateAsset.template_id == row.id))
