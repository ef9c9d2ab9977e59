"""Requests and responses about templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.media import MAX_DURATION_MS, Format
from gala_api.schemas.common import JsonObject, Line, Moment, Received, Sent

Duration = Annotated[int, Field(ge=100, le=MAX_DURATION_MS, description="Milliseconds.")]

_SCHEMA = (
    "JSON Schema of the params, or its short form: "
    "`{type, min, max, nullable, default, enum}` by name."
)
_SHORT = {
    "text": {"type": "string", "max": 80},
    "bg_asset_id": {"type": "string", "nullable": True},
}


class CreateTemplateRequest(Received):
    """A new template."""

    type: Line = Field(description="A render type.", examples=["hello_render"])
    name: Line = Field(description="Unique among your templates.", examples=["promo"])
    duration_ms: Duration | None = None
    format: Format | None = None
    params_schema: JsonObject = Field(default={}, description=_SCHEMA, examples=[_SHORT])
    defaults: JsonObject = Field(default={}, description="Default params of jobs.")


class UpdateTemplateRequest(Received):
    """Changes of a template; absent fields stay unchanged."""

    type: Line | None = None
    name: Line | None = None
    duration_ms: Duration | None = None
    format: Format | None = None
    params_schema: JsonObject | None = None
    defaults: JsonObject | None = None


class Template(Sent):
    """A named way to use a render type."""

    id: str = Field(examples=["tpl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    type: str
    name: str
    duration_ms: int | None
    format: Format | None = Field(description="Null: the format of the source.")
    params_schema: JsonObject
    defaults: JsonObject
    builtin: bool = Field(description="Built in; it cannot be changed or deleted.")
    created_at: Moment


class TemplateResponse(Sent):
    """One template."""

    template: Template


class TemplatesListResponse(Sent):
    """Templates: built-in ones first, then newest first."""

    templates: list[Template]
