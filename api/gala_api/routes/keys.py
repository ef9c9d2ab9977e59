"""API keys: create, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from gala import ids
from gala.db import api_keys, tables
from gala.db.api_keys import Grant
from gala.db.engine import transaction
from gala.errors import ErrorCode, Forbidden, InvalidRequest, NotFound
from gala.permissions import Permission, Principal
from gala_api.auth.access import allowed
from gala_api.auth.secret_responses import forbid_caching, lasting_keyring
from gala_api.dependencies import CallerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.http.paging import KeyCursor, KnownQuery, Limit, Offset, OwnerFilter, page
from gala_api.http.path_ids import KeyId
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.keys import ApiKey, CreateKeyRequest, KeysListResponse, NewKeyResponse

router = Router(tags=["Identity"], route_class=JsonRoute)


@router.post(
    "/keys",
    summary="Create API key",
    status_code=201,
    dependencies=[allowed(Permission.KEYS_MANAGE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.CONFLICT,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.UNSUPPORTED_MEDIA,
    ),
)
def create_key(
    body: CreateKeyRequest, response: Response, services: ServicesDep, caller: CallerDep
) -> NewKeyResponse:
    """Create an API key. This response is the only one that contains it."""
    keyring = lasting_keyring(services)
    scopes = None if body.scopes is None else frozenset(body.scopes)
    grant = Grant(owner_id=body.owner_id or caller.owner_id, role=body.role, scopes=scopes)
    _check_permissions(grant.principal, caller)
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise InvalidRequest(
            "expires_at: A time in the future is required.",
            field="expires_at",
            rule="in_future",
        )
    with transaction(services.sessions) as session:
        _check_expiry(session, body.expires_at, caller)
        row, token = api_keys.create(
            session, keyring, grant, name=body.name, expires_at=body.expires_at
        )
    forbid_caching(response)
    return NewKeyResponse(key=ApiKey.model_validate(row), token=token.get_secret_value())


def _check_permissions(granted: Principal, caller: Principal) -> None:
    """Raise Forbidden if the key would allow more than its creator may do."""
    excess = [one for one in Permission if granted.may(one) and not caller.may(one)]
    if excess:
        raise Forbidden(
            f"A key cannot allow what you may not do: {', '.join(excess)}.",
            field="role" if granted.scopes is None else "scopes",
        )


def _check_expiry(session: Session, expires_at: datetime | None, caller: Principal) -> None:
    """Raise Forbidden if the key would expire later than the key that creates it."""
    creator = None if caller.key_id is None else session.get(tables.ApiKey, caller.key_id)
    if creator is None or creator.expires_at is None:
        return
    if expires_at is None or expires_at > creator.expires_at:
        raise Forbidden(
            "expires_at: A key cannot expire later than the key that creates it, at"
            f" {creator.expires_at.isoformat(timespec='seconds')}.",
            field="expires_at",
        )


@router.get(
    "/keys",
    summary="List API keys",
    dependencies=[allowed(Permission.KEYS_MANAGE), KnownQuery],
    responses=errors(ErrorCode.VALIDATION_ERROR),
)
def list_keys(
    services: ServicesDep,
    owner_id: OwnerFilter = None,
    limit: Limit = 50,
    offset: Offset = 0,
    cursor: KeyCursor = None,
) -> KeysListResponse:
    """The keys of all owners, newest first, including revoked and expired ones."""
    statement = select(tables.ApiKey)
    if owner_id is not None:
        statement = statement.where(tables.ApiKey.owner_id == owner_id)
    with transaction(services.sessions) as session:
        rows, more = page(
            session, statement, tables.ApiKey.id, limit=limit, offset=offset, cursor=cursor
        )
    return KeysListResponse(keys=[ApiKey.model_validate(row) for row in rows], next_cursor=more)


@router.delete(
    "/keys/{keyId}",
    summary="Revoke API key",
    status_code=204,
    dependencies=[allowed(Permission.KEYS_MANAGE)],
    responses=errors(ErrorCode.NOT_FOUND),
)
def revoke_key(key_id: KeyId, services: ServicesDep) -> None:
    """Revoke a key, with effect from the next request. Its record is kept."""
    with transaction(services.sessions) as session:
        found = ids.is_id(ids.Prefix.API_KEY, key_id) and api_keys.revoke(session, key_id)
    if not found:
        raise NotFound("There is no API key with this id.")
