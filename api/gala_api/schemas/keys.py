"""Identities and API keys over the wire."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gala.ids import Prefix, pattern
from gala.permissions import OWNER_PATTERN, Permission, Role
from gala_api.schemas.common import Line, Moment, Received, Sent


def _written_out(value: object) -> object:
    """Only RFC 3339: Pydantic would also take seconds since 1970, or guess milliseconds."""
    if value is None or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]", value)):
        return value
    raise PydanticCustomError("rfc3339", "A moment like 2027-11-20T10:29:00Z is required")


# Enumerations and moments arrive as their words.
_Role = Annotated[Role, Field(strict=False)]
_Scope = Annotated[Permission, Field(strict=False)]
_Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_out)]


class CreateKeyRequest(Received):
    """A new API key. It can allow no more than the one who makes it may do."""

    name: Line = Field(description="What it is for.", examples=["n8n"])
    role: _Role = Field(examples=["editor"])
    scopes: list[_Scope] | None = Field(
        default=None,
        max_length=len(Permission),
        description="Only these of the role's permissions; all of them if left out.",
        examples=[["jobs:read", "jobs:write"]],
    )
    owner_id: str | None = Field(
        default=None,
        pattern=OWNER_PATTERN,
        description="Whose things it opens; the caller's own if left out.",
        examples=["studio"],
    )
    expires_at: _Moment | None = Field(default=None, description="When it ends; never if left out.")


class ApiKey(Sent):
    """An API key, without the key itself."""

    id: str = Field(pattern=pattern(Prefix.API_KEY), examples=["key_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    owner_id: str
    name: str
    role: Role
    scopes: list[Permission] | None
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="To the minute.")
    revoked_at: Moment | None


class NewKeyResponse(Sent):
    """A key that was just made."""

    key: ApiKey
    token: str = Field(
        description="The key itself, to send as `Authorization: Bearer …`. It is shown only now."
    )


class KeysListResponse(Sent):
    """API keys."""

    keys: list[ApiKey]
    next_cursor: str | None = Field(description="For the next page, if there is one.")


class Me(Sent):
    """Who asks, and what they may do."""

    owner_id: str = Field(examples=["local"])
    role: Role
    permissions: list[Permission]
    key_id: str | None = Field(description="The API key that was shown, if one was.")


class MeResponse(Sent):
    """Who asks."""

    me: Me


class WebhookSecretResponse(Sent):
    """What the caller's webhooks are signed with."""

    webhook_secret: str = Field(
        description="In the form of Standard Webhooks, `whsec_…`; give it to a verifying library."
    )
