"""Templates: named ways to use a render type."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gala import ids
from gala.db import template_versions
from gala.db.engine import transaction
from gala.db.tables import Template, TemplateAsset
from gala.errors import ErrorCode, Forbidden, NotFound, TemplateNameExists, TemplateNotFound
from gala.ids import BUILTIN_OWNER
from gala.permissions import Permission
from gala.templates.builtin import builtin_templates
from gala.templates.params_schema import expand
from gala_api import serializers
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import ExactFilter, KnownQuery, Limit, Offset, Search, contains
from gala_api.http.path_ids import TemplateId
from gala_api.http.routers import Router
from gala_api.jobs import references, resolve
from gala_api.openapi.error_responses import errors
from gala_api.schemas.common import JsonObject
from gala_api.schemas.templates import (
    CreateTemplateRequest,
    TemplateResponse,
    TemplatesListResponse,
    TemplateVersionResponse,
    TemplateVersionsResponse,
    UpdateTemplateRequest,
)
from gala_api.templates import content

router = Router(tags=["Templates"], route_class=JsonRoute)

_PREVIEW_FRESH_SECONDS: Final = 3600

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
            format=resolve.stored_format(
                body.format or render_type.format, render_type, field="format"
            ),
            params_schema=body.params_schema,
            defaults=body.defaults,
            composition=body.composition,
            description=body.description,
            preview_asset_id=body.preview_asset_id,
            version=1,
        )
        content.check_preview(session, owner, row)
        session.add(row)
        _flush_name(session)
        content.check(session, owner, row, render_type)
        template_versions.record(session, row)
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
    """Templates: built-in ones first, then newest first; without their compositions."""
    visible = or_(Template.owner_id == owner, Template.owner_id == ids.BUILTIN_OWNER)
    statement = template_versions.without_compositions(Template).where(
        Template.deleted_at.is_(None), visible
    )
    if q is not None:
        statement = statement.where(contains(Template.name, q))
    if type is not None:
        statement = statement.where(Template.type == type)
    first = case((Template.owner_id == ids.BUILTIN_OWNER, 0), else_=1)
    ordered = statement.order_by(first, Template.id.desc()).limit(limit).offset(offset)
    with transaction(services.sessions) as session:
        rows = session.execute(ordered).all()
    return TemplatesListResponse(
        templates=[serializers.template_summary(row, has_composition=has) for row, has in rows]
    )


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


@router.get(
    "/templates/{templateId}/schema",
    summary="Get schema of a template's params",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
def get_template_schema(
    template_id: TemplateId, services: ServicesDep, owner: OwnerDep
) -> JsonObject:
    """The JSON Schema (draft 2020-12) of the params; a short form is expanded.

    `default` is the template's own where it has one.
    """
    with transaction(services.sessions) as session:
        found = references.template(session, owner, template_id)
    return _schema(found)


@router.get(
    "/templates/{templateId}/preview",
    summary="Get preview of template",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    response_class=Response,
    responses={
        200: {
            "description": "The picture of a built-in template.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        307: {"description": "The content of the picture of another one."},
        **errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.NOT_FOUND, ErrorCode.VALIDATION_ERROR),
    },
)
def get_template_preview(
    template_id: TemplateId, services: ServicesDep, owner: OwnerDep
) -> Response:
    """A picture of the template: of a composition that is built in, the picture itself; of others a
    redirection to that which `preview_asset_id` names.
    """
    with transaction(services.sessions) as session:
        found = references.template(session, owner, template_id)
    builtin = builtin_templates().get(found.name) if found.owner_id == BUILTIN_OWNER else None
    if builtin is not None and found.composition is not None:
        headers = {"cache-control": f"private, max-age={_PREVIEW_FRESH_SECONDS}"}
        return Response(builtin.preview, media_type="image/jpeg", headers=headers)
    if found.preview_asset_id is None:
        raise NotFound(
            "This template has no preview.",
            hint="`gala templates preview` makes one; set `preview_asset_id` to any picture.",
        )
    return RedirectResponse(services.settings.location(f"/assets/{found.preview_asset_id}/content"))


@router.get(
    "/templates/{templateId}/versions",
    summary="List versions of template",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
def list_template_versions(
    template_id: TemplateId,
    services: ServicesDep,
    owner: OwnerDep,
    limit: Limit = 50,
    offset: Offset = 0,
) -> TemplateVersionsResponse:
    """Versions, newest first, without their compositions; also those of a deleted template."""
    with transaction(services.sessions) as session:
        found = content.any_template(session, owner, template_id)
        rows = template_versions.listed(session, found.id, limit=limit, offset=offset)
        return TemplateVersionsResponse(
            versions=[serializers.version_summary(row, has_composition=has) for row, has in rows]
        )


@router.get(
    "/templates/{templateId}/versions/{version}",
    summary="Get version of template",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
def get_template_version(
    template_id: TemplateId,
    version: Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])],
    services: ServicesDep,
    owner: OwnerDep,
) -> TemplateVersionResponse:
    """What a template was in that version; also of a deleted template."""
    with transaction(services.sessions) as session:
        found = content.any_template(session, owner, template_id)
        row = content.version_of(session, found, version)
        return TemplateVersionResponse(version=serializers.template_version(row))


def _schema(row: Template) -> JsonObject:
    full = expand(row.params_schema)
    properties = {
        name: {**one, "default": row.defaults[name]} if name in row.defaults else one
        for name, one in full.get("properties", {}).items()
    }
    required = [name for name in full.get("required", ()) if name not in row.defaults]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **full,
        "title": row.name,
        "properties": properties,
        "required": required,
    }


@router.patch(
    "/templates/{templateId}",
    summary="Update template",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.FORBIDDEN, *_WRITE_ERRORS),
)
def update_template(
    template_id: TemplateId, body: UpdateTemplateRequest, services: ServicesDep, owner: OwnerDep
) -> TemplateResponse:
    """Change a template; fields that are absent or null stay unchanged.

    A change of more than name, description and preview is a new version. Jobs are not affected:
    each keeps the version that it was submitted with.
    """
    with transaction(services.sessions) as session:
        row = _own(session, owner, template_id)
        before = content.stored(row)
        _set_fields(row, body)
        # The database would refuse an unknown asset, in words that no user understands.
        with session.no_autoflush:
            content.check_preview(session, owner, row)
        _flush_name(session)
        content.check(session, owner, row, resolve.known_type(row.type))
        if content.stored(row) != before:
            row.version += 1
            template_versions.record(session, row)
        session.flush()
        session.refresh(row)
    return TemplateResponse(template=serializers.template(row))


def _set_fields(row: Template, body: UpdateTemplateRequest) -> None:
    """Set the fields that a request changes. Raise InvalidRequest for a format of a wrong type."""
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    render_type = resolve.known_type(row.type)
    resolve.stored_format(body.format, render_type, field="format")
    if not render_type.takes_format:
        row.format = None  # that of the type it was before


@router.delete(
    "/templates/{templateId}",
    summary="Delete template",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.FORBIDDEN),
)
def delete_template(template_id: TemplateId, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete a template; its name can be used again. Jobs and its versions stay."""
    with transaction(services.sessions) as session:
        row = _own(session, owner, template_id)
        row.deleted_at = session.scalar(select(func.now()))
        session.execute(delete(TemplateAsset).where(TemplateAsset.template_id == row.id))
