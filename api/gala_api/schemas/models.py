"""Requests and responses about models (avatars)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema

from gala.media import AspectRatio
from gala.render_types.params.personas import Persona
from gala_api.schemas.common import AssetId, JsonObject, Line, Moment, Received, Sent

MAX_CONSENT: Final = 2000

Tags = Annotated[list[Line], Field(max_length=50)]
AssetIds = Annotated[list[AssetId], Field(max_length=200)]
Consent = Annotated[
    str,
    StringConstraints(max_length=MAX_CONSENT, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"),
    Field(
        description=(
            "A note about the consent of the person shown; GALA keeps and shows it. An empty text"
            " removes it."
        ),
        examples=["Signed release of 2026-11-01, for our channels, until 2028."],
    ),
]


class ModelDefaults(BaseModel):
    """Defaults of the avatar's jobs. Other members are kept as they are."""

    model_config = ConfigDict(extra="allow")

    aspect_ratio: AspectRatio | None = Field(
        default=None, description="Aspect ratio of the frame, if the type of the job has one."
    )
    default_bg_asset_id: AssetId | None = Field(
        default=None,
        description="The input `bg` of jobs; so has each input its `default_<input>_asset_id`.",
    )
    default_overlay_style: Any = Field(
        default=None,
        description=(
            "Kept for clients; nothing here reads it: what overlays of presenters look like is"
            " `presenter.logo`, `presenter.inset` and `presenter.captions`."
        ),
    )
    presenter: Persona | None = Field(
        default=None,
        description=(
            "The avatar as a presenter: body, voice, movement, framing and captions of jobs with"
            " it in `model_ids`."
        ),
    )


class _DescribedBy:
    """Gives free JSON the schema of a model, which documents it and validates nothing."""

    def __init__(self, model: type[BaseModel]):
        self._model = model

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler(source)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(_inline(self._model.__pydantic_core_schema__))


def _inline(schema: Mapping[str, Any]) -> Any:
    """Return the core schema of a model that is written where it is used, without a name.

    Whether pydantic gives it a name depends on what was imported before.
    """
    if schema["type"] != "definitions":
        return {name: value for name, value in schema.items() if name != "ref"}
    model = schema["schema"]
    if model["type"] == "definition-ref":
        named = {one["ref"]: one for one in schema["definitions"]}
        model = named[model["schema_ref"]]
    return {**schema, "schema": _inline(model)}


Preset = Annotated[JsonObject, _DescribedBy(ModelDefaults)]


class CreateModelRequest(Received):
    """A new avatar."""

    stage_name: Line = Field(examples=["Luna"])
    tags: Tags = Field(default=[])
    preset: Preset = Field(default={})
    asset_ids: AssetIds = Field(default=[])
    consent: Consent | None = None

    def columns(self) -> dict[str, Any]:
        """Return the values to store."""
        return {**self.model_dump(), "consent": _noted(self.consent)}


class UpdateModelRequest(Received):
    """Changes of an avatar; absent fields stay unchanged."""

    stage_name: Line | None = None
    tags: Tags | None = None
    preset: Preset | None = None
    asset_ids: AssetIds | None = None
    consent: Consent | None = None

    def columns(self) -> dict[str, Any]:
        """Return the values to store, of the fields that change."""
        changes = self.model_dump(exclude_none=True)
        return changes | ({} if self.consent is None else {"consent": _noted(self.consent)})


def _noted(text: str | None) -> str | None:
    return None if text is None or not text.strip() else text


class PreviewStatus(StrEnum):
    """Whether the previews of a model are made."""

    READY = "ready"
    PENDING = "pending"


class ModelPreviews(Sent):
    """Previews of an avatar as a presenter."""

    status: PreviewStatus = Field(
        description="`pending` previews are made at the first request of one of them, the clip"
        " always at its own."
    )
    found_url: str | None = Field(
        description="The picture with the places of the face's features; null if there is none."
    )
    neutral_url: str = Field(description="A frame at rest.")
    clip_url: str = Field(description="Two seconds of movement.")
    warnings: list[str] = Field(
        description="What may look less than well, such as a face that is only a few pixels high."
    )


class UploadedBy(Sent):
    """Who brought the avatar's body, and when."""

    owner_id: str
    key_id: str | None = Field(description="The API key that was used, if any.")
    at: Moment


class Model(Sent):
    """An avatar: images, voice and framing of a persona."""

    id: str = Field(examples=["mdl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    stage_name: str
    tags: list[str]
    preset: JsonObject
    asset_ids: list[str]
    consent: str | None = Field(description="The uploader's note about consent.")
    uploaded_by: UploadedBy | None = Field(
        description="Null for avatars that are older than this field."
    )
    previews: ModelPreviews
    created_at: Moment


class ModelResponse(Sent):
    """One avatar."""

    model: Model


class ModelsListResponse(Sent):
    """Avatars, newest first."""

    models: list[Model]
