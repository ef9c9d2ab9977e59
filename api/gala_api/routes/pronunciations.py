"""Pronunciations: the owner's list, which applies to all of the owner's jobs and speech."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Header, Request, Response

from gala.db import pronunciations
from gala.db.engine import transaction
from gala.errors import ErrorCode
from gala.permissions import Permission
from gala.render_types.params.pronunciations import Pronunciation
from gala_api.auth.access import allowed
from gala_api.dependencies import OwnerDep, ServicesDep
from gala_api.http.conditional_requests import require_match
from gala_api.http.json_body import JsonRoute
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.owner_pronunciations import etag, list_to_replace, owner_list
from gala_api.schemas.pronunciations import (
    OwnerPronunciation,
    PronunciationsResponse,
    SetPronunciationsRequest,
)

router = Router(tags=["Pronunciations"], route_class=JsonRoute)

_ETAG: Final[dict[str, Any]] = {
    "ETag": {
        "description": "Changes with the list; for `If-Match`.",
        "required": True,
        "schema": {"type": "string"},
    }
}
_IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Respond 412 and change nothing unless this is the `ETag` of the list, so that"
        " no change of somebody else is lost.",
        examples=['"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"'],
    ),
]


@router.get(
    "/pronunciations",
    summary="Get pronunciations",
    dependencies=[allowed(Permission.MODELS_READ)],
    responses={200: {"headers": _ETAG}, **errors()},
)
def get_pronunciations(
    services: ServicesDep, owner: OwnerDep, response: Response
) -> PronunciationsResponse:
    """The caller's list, in the order in which it was set."""
    with transaction(services.sessions) as session:
        return _answer(response, owner_list(session, owner))


@router.put(
    "/pronunciations",
    summary="Set pronunciations",
    dependencies=[allowed(Permission.MODELS_WRITE)],
    responses={
        200: {"headers": _ETAG},
        **errors(
            ErrorCode.VALIDATION_ERROR,
            ErrorCode.PRECONDITION_FAILED,
            ErrorCode.PAYLOAD_TOO_LARGE,
            ErrorCode.UNSUPPORTED_MEDIA,
        ),
    },
)
def set_pronunciations(
    body: SetPronunciationsRequest,
    services: ServicesDep,
    owner: OwnerDep,
    request: Request,
    response: Response,
    if_match: _IfMatch = None,
) -> PronunciationsResponse:
    """Replace the caller's list. It applies to jobs submitted from now on, and to streamed speech;
    a job's own `pronunciations` come before it. Accepted jobs keep what they have.
    """
    listed = body.pronunciations
    with transaction(services.sessions) as session:
        if if_match is not None:
            require_match(request.headers, etag(list_to_replace(session, owner)))
        kept = [one.model_dump(mode="json", exclude_none=True) for one in listed]
        pronunciations.keep(session, owner, kept)
    return _answer(response, listed)


def _answer(response: Response, listed: tuple[Pronunciation, ...]) -> PronunciationsResponse:
    response.headers["ETag"] = etag(listed)
    return PronunciationsResponse(
        pronunciations=[OwnerPronunciation.model_validate(one) for one in listed]
    )
