"""The caller: identity, permissions and webhook secret."""

from __future__ import annotations

from fastapi import Response

from gala.errors import ErrorCode
from gala.permissions import Permission
from gala_api.auth.access import allowed, identified
from gala_api.auth.secret_responses import forbid_caching, lasting_keyring
from gala_api.dependencies import CallerDep, OwnerDep, ServicesDep
from gala_api.http.routers import Router
from gala_api.openapi.error_responses import errors
from gala_api.schemas.keys import Me, MeResponse, WebhookSecretResponse

router = Router(tags=["Identity"])


@router.get(
    "/me",
    summary="Get own identity",
    dependencies=[identified()],
    responses=errors(),
)
def get_me(caller: CallerDep) -> MeResponse:
    """The owner, role and permissions of the caller's key or token."""
    return MeResponse(
        me=Me(
            owner_id=caller.owner_id,
            role=caller.role,
            permissions=[one for one in Permission if caller.may(one)],
            key_id=caller.key_id,
        )
    )


@router.get(
    "/me/webhook-secret",
    summary="Get webhook secret",
    dependencies=[allowed(Permission.JOBS_WRITE)],
    responses=errors(ErrorCode.CONFLICT),
)
def get_webhook_secret(
    response: Response, services: ServicesDep, owner: OwnerDep
) -> WebhookSecretResponse:
    """The secret with which notifications to the caller's `callback_url`s are signed."""
    keyring = lasting_keyring(services)
    forbid_caching(response)
    return WebhookSecretResponse(webhook_secret=keyring.webhook_secret(owner))
