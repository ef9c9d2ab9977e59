"""What a model's preset says about a presenter: how it looks, sounds and moves."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.presenter_looks import Framing
from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.colors import Color
from gala.render_types.params.presenters import (
    BodyParams,
    Driver,
    Inset,
    Logo,
    PresenterBackground,
    check_one_body,
)
from gala.render_types.params.sprites import SpriteAssets
from gala.render_types.params.voice import VoiceParams


class PersonaBody(BodyParams):
    """The body of a persona; without a picture, it is the drawn character."""

    portrait_asset_id: str | None = Field(
        default=None, max_length=100, description="The picture whose face speaks."
    )
    sprites: SpriteAssets | None = Field(
        default=None, description="Pictures of the parts of the body, instead of one picture."
    )

    @model_validator(mode="after")
    def _check_body(self) -> Self:
        if self.portrait_asset_id is not None and self.sprites is not None:
            raise ValueError("portrait_asset_id: not used with sprites; leave one of them out")
        check_one_body(self, self.sprites)
        return self


class Persona(VoiceParams):
    """Defaults of a presenter's jobs (`preset.presenter`), which the params of a job override."""

    body: PersonaBody | None = Field(
        default=None,
        description=(
            "The presenter's body; by default the first picture of `asset_ids` with the kind"
            " `avatar_input`, else a drawn character."
        ),
    )
    energy: float | None = Field(
        default=None, ge=0, le=1, description="Energy of the movements, 0 to 1."
    )
    driver: Annotated[Driver, Field(strict=False)] | None = Field(
        default=None, description="What moves a portrait: `builtin`, or the operator's `service`."
    )
    framing: Annotated[Framing, Field(strict=False)] | None = Field(
        default=None, description="`full`, `bust` or `face`."
    )
    background: Annotated[PresenterBackground, Field(strict=False)] | None = Field(
        default=None, description="`keep`, `blur`, `replace` or `none`."
    )
    background_color: Color | None = Field(
        default=None, description="Color of a background that has no picture."
    )
    captions: CaptionParams | None = Field(default=None, description="Look of the captions.")
    logo: Logo | None = Field(
        default=None, description="Place of the logo, which is `default_logo_asset_id`."
    )
    inset: Inset | None = Field(
        default=None,
        description=(
            "Show the presenter in a small frame over the background, in jobs of type `presenter`"
            " with one presenter whose background is not `none`."
        ),
    )
