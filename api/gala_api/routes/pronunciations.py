"""Pronunciations: the owner's list, which applies to all of the owner's jobs and speech."""

from __future__ import annotations

from fastapi import APIRouter

from gala.db import pronunciations
from gala.db.engine import transaction
from gala.errors import ErrorCode
from gala.permissions import Permission
from gala.render_types.params.pronunciations import Pronunciation
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.json_body import JsonRoute
from gala_api.openapi.error_responses import errors
from gala_api.owner_pronunciations import owner_list
from gala_api.schemas.pronunciations import (
    OwnerPronunciation,
    PronunciationsResponse,
    SetPronunciationsRequest,
)

router = APIRouter(tags=["Pronunciations"], route_class=JsonRoute)


@router.get(
    "/pronunciations",
    summary="Get pronunciations",
    dependencies=[allowed(Permission.MODELS_READ)],
    responses=errors(),
)
def get_pronunciations(services: ServicesDep, owner: OwnerDep) -> PronunciationsResponse:
    """The caller's list, in the order in which it was set."""
    with transaction(services.sessions) as session:
        return _response(owner_list(session, owner))


@router.put(
    "/pronunciations",
    summary="Set pronunciations",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    responses=errors(
        ErrorCode.VALIDATION_ERROR, ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA
    ),
)
def set_pronunciations(
    body: SetPronunciationsRequest, services: ServicesDep, owner: OwnerDep
) -> PronunciationsResponse:
    """Replace the caller's list. It applies to jobs submitted from now on, and to streamed speech;
    a job's own `pronunciations` come before it. Accepted jobs keep what they have.
    """
    listed = body.pronunciations
    with transaction(services.sessions) as session:
        kept = [one.model_dump(mode="json", exclude_none=True) for one in listed]
        pronunciations.keep(session, owner, kept)
    return _response(listed)


def _response(listed: tuple[Pronunciation, ...]) -> PronunciationsResponse:
    return PronunciationsResponse(
        pronunciations=[OwnerPronunciation.model_validate(one) for one in listed]
    )
