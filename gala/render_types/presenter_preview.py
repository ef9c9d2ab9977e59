"""``presenter_preview``: what was found in a presenter's picture, and how it moves."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from gala.errors import InvalidRequest
from gala.job import Lane
from gala.media import AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.presenters import BodyParams, check_one_body
from gala.render_types.params.sprites import SpritesParams, check_sprite_files


class PreviewBody(BodyParams):
    """The body that is shown."""

    sprites: SpritesParams | None = Field(
        default=None, description="A body made of the pictures in `inputs.sprite_asset_ids`."
    )

    @model_validator(mode="after")
    def _check_body(self) -> Self:
        check_one_body(self, self.sprites)
        return self


class PreviewPart(StrEnum):
    """A part of the outputs."""

    STILL = "still"
    """All but the clip."""
    CLIP = "clip"


class PresenterPreviewParams(TypeParams):
    """Params of a preview."""

    body: PreviewBody = Field(default=PreviewBody(), description="The presenter's body.")
    energy: float = Field(
        default=0.5, ge=0, le=1, description="Energy of the movements in the clip, 0 to 1."
    )
    only: PreviewPart | None = Field(
        default=None,
        description="Make only the `clip`, or all but the clip (`still`), which takes less time.",
    )


def _check(params: PresenterPreviewParams, inputs: frozenset[str]) -> None:
    if params.body.points and "portrait" not in inputs:
        raise InvalidRequest(
            "params.body.points: there is no picture; add inputs.portrait_asset_id.",
            field="params.body.points",
        )
    check_sprite_files({"params.body.sprites": params.body.sprites}, inputs)
    if "sprite" in inputs and "portrait" in inputs:
        raise InvalidRequest(
            "inputs.portrait_asset_id: not used with inputs.sprite_asset_ids; leave one of them"
            " out.",
            field="inputs.portrait_asset_id",
        )


TYPE = RenderType(
    name="presenter_preview",
    summary="What was found in a presenter's picture, a frame at rest, and a clip of two seconds.",
    params=PresenterPreviewParams,
    inputs={
        "portrait": InputSpec(
            "Picture of the presenter, a photo or drawing, with a face; without one, the character"
            " that GALA draws is shown.",
            frozenset({MediaClass.IMAGE}),
        ),
        "sprite": InputSpec(
            "Pictures of the parts of a body; `body.sprites.pictures` says which is what.",
            frozenset({MediaClass.IMAGE}),
            many=True,
        ),
    },
    outputs=(
        OutputSpec("clip", AssetKind.RENDER_OUTPUT, "video/mp4", required=False),
        OutputSpec("neutral", AssetKind.THUMBNAIL, "image/jpeg", required=False),
        OutputSpec("found", AssetKind.THUMBNAIL, "image/jpeg", required=False),
        OutputSpec("faces", AssetKind.OTHER, "application/json"),
    ),
    format=Format(width=720, height=960, fps=30),
    lane=Lane.INTERACTIVE,
    check=_check,
    example={"energy": 0.5},
)
