"""Brand kits and targets, which jobs use by name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy import select

from gala.brand_kits import BRAND_NAME_PATTERN, BrandKit
from gala.db.engine import transaction
from gala.db.tables import StoredBrandKit
from gala.errors import ErrorCode
from gala.permissions import Permission
from gala.targets import all_targets
from gala_api import serializers
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import KnownQuery, Limit, Offset, Search, contains
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.brand_kits import (
    BrandKitResponse,
    BrandKitsListResponse,
    TargetDescription,
    TargetsListResponse,
)
from gala_api.templates import brand_kits

router = Router(tags=["Templates"], route_class=JsonRoute)

BrandKitName = Annotated[
    str,
    Path(
        alias="name",
        pattern=BRAND_NAME_PATTERN,
        description="Lower-case letters, digits and `. _ -`.",
        examples=["acme"],
    ),
]


@router.get(
    "/brand-kits",
    summary="List brand kits",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_brand_kits(
    services: ServicesDep,
    owner: OwnerDep,
    q: Search = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> BrandKitsListResponse:
    """Brand kits of the caller, by name; `q` looks in names."""
    statement = select(StoredBrandKit).where(StoredBrandKit.owner_id == owner)
    if q is not None:
        statement = statement.where(contains(StoredBrandKit.name, q))
    ordered = statement.order_by(StoredBrandKit.name).limit(limit).offset(offset)
    with transaction(services.sessions) as session:
        rows = session.scalars(ordered).all()
        return BrandKitsListResponse(
            brand_kits=[serializers.brand_kit_summary(row) for row in rows]
        )


@router.get(
    "/brand-kits/{name}",
    summary="Get brand kit",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
def get_brand_kit(name: BrandKitName, services: ServicesDep, owner: OwnerDep) -> BrandKitResponse:
    """A brand kit by its name."""
    with transaction(services.sessions) as session:
        return BrandKitResponse(
            brand_kit=serializers.brand_kit(brand_kits.find(session, owner, name))
        )


@router.put(
    "/brand-kits/{name}",
    summary="Set brand kit",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.URL_REFUSED,
        ErrorCode.ASSET_NOT_FOUND,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
    ),
)
def set_brand_kit(
    name: BrandKitName, body: BrandKit, services: ServicesDep, owner: OwnerDep
) -> BrandKitResponse:
    """Create a brand kit, or replace the one of that name.

    Accepted jobs keep what the kit was.
    """
    with transaction(services.sessions) as session:
        row = brand_kits.keep(session, owner, name, body, services)
        return BrandKitResponse(brand_kit=serializers.brand_kit(row))


@router.delete(
    "/brand-kits/{name}",
    summary="Delete brand kit",
    dependencies=[allowed(Permission.TEMPLATES_WRITE)],
    status_code=204,
    responses=errors(ErrorCode.NOT_FOUND, ErrorCode.VALIDATION_ERROR),
)
def delete_brand_kit(name: BrandKitName, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete a brand kit; jobs are not affected."""
    with transaction(services.sessions) as session:
        session.delete(brand_kits.find(session, owner, name))


@router.get(
    "/targets",
    summary="List targets",
    dependencies=[allowed(Permission.TEMPLATES_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR, needs_database=False),
)
def list_targets() -> TargetsListResponse:
    """Where films can be shown, for `output.target`: size, length, safe areas, loudness."""
    return TargetsListResponse(
        targets=[TargetDescription.model_validate(one) for one in all_targets()]
    )
