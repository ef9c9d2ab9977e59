"""Requests and responses about models (avatars)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala_api.schemas.common import AssetId, JsonObject, Line, Moment, Received, Sent

Tags = Annotated[list[Line], Field(max_length=50)]
AssetIds = Annotated[list[AssetId], Field(max_length=200)]


class CreateModelRequest(Received):
    """A new avatar."""

    stage_name: Line = Field(examples=["Luna"])
    tags: Tags = Field(default=[])
    preset: JsonObject = Field(
        default={},
        description=(
            "Defaults of the avatar's jobs: `aspect_ratio`, `default_bg_asset_id`, "
            "`default_overlay_style` and others."
        ),
        examples=[{"aspect_ratio": "9:16"}],
    )
    asset_ids: AssetIds = Field(default=[])


class UpdateModelRequest(Received):
    """Changes of an avatar; absent fields stay unchanged."""

    stage_name: Line | None = None
    tags: Tags | None = None
    preset: JsonObject | None = None
    asset_ids: AssetIds | None = None


class Model(Sent):
    """An avatar: images, voice and framing of a persona."""

    id: str = Field(examples=["mdl_01JD3Z4V8QJ6X2M0T5B7C9D1EF"])
    stage_name: str
    tags: list[str]
    preset: JsonObject
    asset_ids: list[str]
    created_at: Moment


class ModelResponse(Sent):
    """One avatar."""

    model: Model


class ModelsListResponse(Sent):
    """Avatars, newest first."""

    models: list[Model]
