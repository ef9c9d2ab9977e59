"""API keys: give out, list, revoke."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Response
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
from gala_api.openapi.error_responses import errors
from gala_api.schemas.keys import ApiKey, CreateKeyRequest, KeysListResponse, NewKeyResponse

router = APIRouter(tags=["Identity"], route_class=JsonRoute)


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
    """Give out a key. It is shown in this answer and never again."""
    keyring = lasting_keyring(services)
    scopes = None if body.scopes is None else frozenset(body.scopes)
    grant = Grant(owner_id=body.owner_id or caller.owner_id, role=body.role, scopes=scopes)
    _check_no_more(grant.principal, caller)
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise InvalidRequest(
            "expires_at: A moment that is still to come is required.",
            field="expires_at",
            rule="in_future",
        )
    with transaction(services.sessions) as session:
        _check_no_longer(session, body.expires_at, caller)
        row, token = api_keys.create(
            session, keyring, grant, name=body.name, expires_at=body.expires_at
        )
    forbid_caching(response)
    return NewKeyResponse(key=ApiKey.model_validate(row), token=token.get_secret_value())


def _check_no_more(wanted: Principal, caller: Principal) -> None:
    """Nobody gives what they have not got: that would be a way around every limit."""
    excess = [one for one in Permission if wanted.may(one) and not caller.may(one)]
    if excess:
        raise Forbidden(
            f"A key cannot allow what you may not do yourself: {', '.join(excess)}.",
            field="role" if wanted.scopes is None else "scopes",
        )


def _check_no_longer(session: Session, wanted: datetime | None, caller: Principal) -> None:
    """A key that ends gives out none that outlasts it: it would not end."""
    giver = None if caller.key_id is None else session.get(tables.ApiKey, caller.key_id)
    if giver is None or giver.expires_at is None:
        return
    if wanted is None or wanted > giver.expires_at:
        raise Forbidden(
            "expires_at: A key cannot outlast the one that gives it out, which ends at"
            f" {giver.expires_at.isoformat(timespec='seconds')}.",
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
    """The keys of all owners, the newest first; revoked and expired ones as well."""
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
    """End a key: the next request that shows it is refused. The row stays, as a record."""
    with transaction(services.sessions) as session:
        found = ids.is_id(ids.Prefix.API_KEY, key_id) and api_keys.revoke(session, key_id)
    if not found:
        raise NotFound("There is no API key with that id.")
