"""Requests and responses about identities and API keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gala.ids import Prefix, pattern
from gala.permissions import OWNER_PATTERN, Permission, Role
from gala_api.schemas.common import Line, Moment, Received, Sent


def _written_out(value: object) -> object:
    """Accept only RFC 3339; Pydantic would also accept seconds or milliseconds since 1970."""
    if value is None or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]", value)):
        return value
    raise PydanticCustomError("rfc3339", "A time such as 2027-11-20T10:29:00Z is required")


def _in_utc(moment: datetime) -> datetime:
    """Return the time in UTC, as it will be read from the database."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        message = "A time in the years 1 to 9999 (UTC) is required"
        raise PydanticCustomError("rfc3339", message) from None


# Enumerations and times arrive as strings.
_Role = Annotated[Role, Field(strict=False)]
_Scope = Annotated[Permission, Field(strict=False)]
_Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_in_utc)
]


class CreateKeyRequest(Received):
    """A new API key. It cannot allow more than its creator may do."""

    name: Line = Field(description="What the key is for.", examples=["n8n"])
    role: _Role = Field(examples=["editor"])
    scopes: list[_Scope] | None = Field(
        default=None,
        max_length=len(Permission),
        description="A subset of the role's permissions; all of them by default.",
        examples=[["jobs:read", "jobs:write"]],
    )
    owner_id: str | None = Field(
        default=None,
        pattern=OWNER_PATTERN,
        description="The owner that it authenticates; by default the caller.",
        examples=["studio"],
    )
    expires_at: _Moment | None = Field(
        default=None, description="When it expires; by default never."
    )


class ApiKey(Sent):
    """An API key, without the key itself."""

    id: str = Field(pattern=pattern(Prefix.API_KEY), examples=["key_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    owner_id: str
    name: str
    role: Role
    scopes: list[Permission] | None
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="Accurate to the minute.")
    revoked_at: Moment | None


class NewKeyResponse(Sent):
    """A key that was just created."""

    key: ApiKey
    token: str = Field(
        description="The key itself, to send as `Authorization: Bearer …`. It is never shown again."
    )


class KeysListResponse(Sent):
    """API keys."""

    keys: list[ApiKey]
    next_cursor: str | None = Field(
        description="The `cursor` of the next page; null on the last page."
    )


class Me(Sent):
    """The caller and its permissions."""

    owner_id: str = Field(examples=["local"])
    role: Role
    permissions: list[Permission]
    key_id: str | None = Field(description="The API key of the request, if it has one.")


class MeResponse(Sent):
    """The caller."""

    me: Me


class WebhookSecretResponse(Sent):
    """The secret that signs the caller's webhooks."""

    webhook_secret: str = Field(
        description="In the format of Standard Webhooks, `whsec_…`, for a verifying library."
    )
