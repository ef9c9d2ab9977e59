"""Types that several resources share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, to_json

from gala.errors import ErrorCode
from gala.ids import Prefix, pattern
from gala.json_model import JsonModel
from gala.net.urls import MAX_URL_CHARACTERS


def rfc3339(moment: datetime) -> str:
    """Return the time in RFC 3339, in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A point in time, sent as RFC 3339 in UTC with milliseconds."""

NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*$"
EVENT_NUMBER = r"^([0-9]{1,18})?$"
LINE = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE)]
"""A line of text for people: 1 to 200 characters, not all spaces, no control characters."""

AssetId = Annotated[
    str,
    StringConstraints(pattern=pattern(Prefix.ASSET)),
    Field(examples=["ast_01JD3Z4V8QJ6X2M0T5B7C9D1EF"]),
]
Reference = Annotated[
    str, StringConstraints(max_length=100), Field(json_schema_extra={"minLength": 1})
]
"""An id to look up; an unknown one is reported as not found, even if it is malformed."""

Url = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": MAX_URL_CHARACTERS})]
"""A URL, which is parsed where it is used: its errors say more than those of bounds."""

JsonObject = dict[str, Any]

MAX_METADATA_BYTES: Final = 16 * 1024


def _bounded(value: JsonObject) -> JsonObject:
    size = len(to_json(value))
    if size > MAX_METADATA_BYTES:
        raise PydanticCustomError(
            "too_large",
            "The value has {size} bytes as JSON; at most {limit} are stored with a job. Keep it"
            " yourself and send an id of it",
            {"size": size, "limit": MAX_METADATA_BYTES},
        )
    return value


Metadata = Annotated[JsonObject, AfterValidator(_bounded)]
"""Data of the caller that is stored with a job and sent in notifications."""


class Received(JsonModel):
    """Base of request bodies: unknown fields are rejected, not ignored."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Sent(BaseModel):
    """Base of response bodies."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_serialization_defaults_required=True
    )


class ErrorBody(Sent):
    """The error member that v0 clients read."""

    code: ErrorCode
    message: str
    details: JsonObject = Field(
        default={},
        description="`field` names the failing field by its path; `hint` says what to do.",
    )


class Problem(Sent):
    """An error: RFC 9457 with the v0 envelope inside."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Bad Request"])
    status: int = Field(examples=[400])
    detail: str
    instance: str = Field(examples=["/jobs"])
    error: ErrorBody
