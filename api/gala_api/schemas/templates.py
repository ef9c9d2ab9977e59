"""Requests and responses about templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gala.media import MAX_DURATION_MS, Format
from gala_api.schemas.common import (
    NO_CONTROLS,
    AssetId,
    JsonObject,
    Line,
    Moment,
    Received,
    Sent,
)

Duration = Annotated[int, Field(ge=100, le=MAX_DURATION_MS, description="Milliseconds.")]

_SCHEMA = (
    "JSON Schema of the params, or its short form: "
    "`{type, min, max, nullable, default, enum}` by name."
)
_COMPOSITION = (
    "Of `timeline`: a composition with `{{variables}}`, `iterate` and `condition`. The params are"
    " then its variables and its named elements."
)
_Text = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=NO_CONTROLS)]
_FILM = {
    "scenes": [{"elements": [{"type": "text", "name": "Title", "text": "{{text}}"}], "duration": 4}]
}
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
    composition: JsonObject | None = Field(default=None, description=_COMPOSITION, examples=[_FILM])
    description: _Text | None = Field(default=None, examples=["A title on a plain background."])
    preview_asset_id: AssetId | None = Field(default=None, description="A picture of it.")


class UpdateTemplateRequest(Received):
    """Changes of a template; absent fields stay unchanged."""

    type: Line | None = None
    name: Line | None = None
    duration_ms: Duration | None = None
    format: Format | None = None
    params_schema: JsonObject | None = None
    defaults: JsonObject | None = None
    composition: JsonObject | None = None
    description: _Text | None = None
    preview_asset_id: AssetId | None = None


class TemplateSummary(Sent):
    """A template in a list: without its composition, which `GET /templates/{id}` has."""

    id: str = Field(examples=["tpl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    type: str
    name: str
    duration_ms: int | None
    format: Format | None = Field(description="Null: the format of the source.")
    params_schema: JsonObject
    defaults: JsonObject
    description: str | None
    preview_asset_id: str | None
    version: int = Field(ge=1, description="Grows with every change of its content.")
    builtin: bool = Field(description="Built in; it cannot be changed or deleted.")
    has_composition: bool = Field(description="Whether it is more than default params of its type.")
    created_at: Moment


class Template(TemplateSummary):
    """A named way to use a render type."""

    composition: JsonObject | None = Field(
        description="The composition with variables; null for one of default params only."
    )


class TemplateResponse(Sent):
    """One template."""

    template: Template


class TemplatesListResponse(Sent):
    """Templates: built-in ones first, then newest first."""

    templates: list[TemplateSummary]


class TemplateVersionSummary(Sent):
    """A version in a list: without its composition, which `GET …/versions/{version}` has."""

    template_id: str = Field(examples=["tpl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    version: int = Field(ge=1)
    type: str
    duration_ms: int | None
    format: Format | None
    params_schema: JsonObject
    defaults: JsonObject
    has_composition: bool = Field(description="Whether it is more than default params of its type.")
    created_at: Moment


class TemplateVersion(TemplateVersionSummary):
    """What a template was from one change to the next."""

    composition: JsonObject | None


class TemplateVersionResponse(Sent):
    """One version of a template."""

    version: TemplateVersion


class TemplateVersionsResponse(Sent):
    """The versions of a template, newest first."""

    versions: list[TemplateVersionSummary]
