"""What a model's preset says about a presenter: how it looks, sounds and moves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.render_types.params.captions import CaptionParams
from gala.render_types.params.colors import Color
from gala.render_types.params.presenters import BodyParams, Framing, PresenterBackground
from gala.render_types.params.voice import VoiceParams


class PersonaBody(BodyParams):
    """The body of a persona; without a picture, it is the drawn character."""

    portrait_asset_id: str | None = Field(
        default=None, max_length=100, description="The picture whose face speaks."
    )


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
