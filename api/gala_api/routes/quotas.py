"""Quotas: limits and usage of owners."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Path, Query
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gala.db import quotas, tables
from gala.db.engine import transaction
from gala.db.quotas import Limit as Limited
from gala.db.quotas import QuotaLimits
from gala.errors import ErrorCode, NotFound
from gala.permissions import OWNER_PATTERN, RESERVED_OWNERS, Permission
from gala_api.auth.access import allowed, identified
from gala_api.dependencies import OwnerDep, Services, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import KnownQuery, Limit, Offset, page
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.quotas import (
    Limits,
    OwnerLimits,
    OwnerQuota,
    QuotaResponse,
    QuotasListResponse,
    SetQuotaRequest,
    UsageNow,
)

router = Router(tags=["Identity"], route_class=JsonRoute)

_OwnerId = Annotated[
    str,
    Path(alias="ownerId", json_schema_extra={"pattern": OWNER_PATTERN}, examples=["studio"]),
]
_OwnerCursor = Annotated[
    str | None,
    Query(pattern=OWNER_PATTERN, description="`next_cursor` of the previous page."),
]


@router.get(
    "/me/quota",
    summary="Get own quota",
    dependencies=[identified()],
    responses=errors(),
)
def get_my_quota(services: ServicesDep, owner: OwnerDep) -> QuotaResponse:
    """The limits and usage of the caller."""
    return _quota(services, owner)


@router.get(
    "/quotas",
    summary="List quotas",
    dependencies=[allowed(Permission.QUOTAS_READ), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_quotas(
    services: ServicesDep, limit: Limit = 50, offset: Offset = 0, cursor: _OwnerCursor = None
) -> QuotasListResponse:
    """Owners with limits of their own; the server's defaults apply to all others."""
    own = or_(*(getattr(tables.Owner, one).is_not(None) for one in Limited))
    with transaction(services.sessions) as session:
        rows, more = page(
            session,
            select(tables.Owner).where(own),
            tables.Owner.id,
            limit=limit,
            offset=offset,
            cursor=cursor,
        )
    found = [
        OwnerLimits(owner_id=row.id, own=_own(row), limits=_limits(row, services.quota))
        for row in rows
    ]
    return QuotasListResponse(quotas=found, next_cursor=more)


@router.get(
    "/quotas/{ownerId}",
    summary="Get quota",
    dependencies=[allowed(Permission.QUOTAS_READ)],
    responses=errors(ErrorCode.NOT_FOUND),
)
def get_quota(owner_id: _OwnerId, services: ServicesDep) -> QuotaResponse:
    """The limits and usage of an owner, known or not."""
    return _quota(services, _valid_owner(owner_id))


@router.put(
    "/quotas/{ownerId}",
    summary="Set quota",
    dependencies=[allowed(Permission.QUOTAS_WRITE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.NOT_FOUND,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
    ),
)
def set_quota(owner_id: _OwnerId, body: SetQuotaRequest, services: ServicesDep) -> QuotaResponse:
    """Set all limits of an owner; null means the server's default.

    They apply to new requests; accepted jobs are not affected.
    """
    owner = _valid_owner(owner_id)
    with transaction(services.sessions) as session:
        quotas.keep(session, owner, QuotaLimits(**body.model_dump()))
    return _quota(services, owner)


def _valid_owner(owner: str) -> str:
    """Return the owner. Raise NotFound if the name is not valid."""
    if not re.fullmatch(OWNER_PATTERN, owner) or owner in RESERVED_OWNERS:
        raise NotFound("This is not a valid owner.")
    return owner


def _quota(services: Services, owner: str) -> QuotaResponse:
    with transaction(services.sessions) as session:
        return QuotaResponse(quota=_owner_quota(session, services, owner))


def _owner_quota(session: Session, services: Services, owner: str) -> OwnerQuota:
    row = session.get(tables.Owner, owner) or tables.Owner(id=owner)
    return OwnerQuota(
        owner_id=owner,
        own=_own(row),
        limits=_limits(row, services.quota),
        usage=UsageNow.model_validate(quotas.usage(session, owner)),
    )


def _own(row: tables.Owner) -> Limits:
    return Limits.model_validate(row)


def _limits(row: tables.Owner, defaults: QuotaLimits) -> Limits:
    return Limits.model_validate(quotas.overridden(row, defaults))
