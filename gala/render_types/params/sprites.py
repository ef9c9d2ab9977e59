"""Presenters made of sprites: pictures of a body's parts that replace each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, model_validator

from gala.errors import InvalidRequest
from gala.render_types.base import TypeParams

MAX_PICTURES: Final = 200
LARGEST_SIDE: Final = 4096
"""Of one sprite, in pixels."""


class SpriteName(StrEnum):
    """Names of sprites. The mouths are those of Preston Blair and Rhubarb Lip Sync."""

    BASE = "base"
    MOUTH_A = "mouth_a"
    MOUTH_B = "mouth_b"
    MOUTH_C = "mouth_c"
    MOUTH_D = "mouth_d"
    MOUTH_E = "mouth_e"
    MOUTH_F = "mouth_f"
    MOUTH_G = "mouth_g"
    MOUTH_H = "mouth_h"
    MOUTH_X = "mouth_x"
    EYES_OPEN = "eyes_open"
    EYES_HALF = "eyes_half"
    EYES_CLOSED = "eyes_closed"
    HEAD = "head"
    BROWS = "brows"
    HANDS = "hands"
    FRONT = "front"
    EXPRESSION_SMILE = "expression_smile"
    EXPRESSION_SURPRISE = "expression_surprise"
    EXPRESSION_FROWN = "expression_frown"


class SpriteSlot(StrEnum):
    """Places of sprites: the first words of their names."""

    MOUTH = "mouth"
    EYES = "eyes"
    HEAD = "head"
    BROWS = "brows"
    HANDS = "hands"
    FRONT = "front"
    EXPRESSION = "expression"


Pixels = Annotated[float, Field(ge=-LARGEST_SIDE, le=2 * LARGEST_SIDE)]
PixelPoint = Annotated[tuple[Pixels, Pixels], Field(strict=False)]
NameOfSprite = Annotated[SpriteName, Field(strict=False)]

SPRITES_HELP: Final = (
    "`base` (the body without mouth and eyes) and at least one mouth are required. Mouths:"
    " `mouth_x` at rest, `mouth_a` lips shut (m, b, p), `mouth_b` teeth nearly together (ee, s),"
    " `mouth_c` open (eh), `mouth_d` wide open (ah), `mouth_e` slightly rounded (oh), `mouth_f`"
    " puckered (oo), `mouth_g` lower lip at the upper teeth (f, v), `mouth_h` tongue raised (l);"
    " the nearest stands in for one that is missing. Optional: `eyes_open`, `eyes_half`,"
    " `eyes_closed`, `brows`, `head` (moves apart from the body), `front` (hair or a hat over the"
    " face), `hands`, `expression_smile`, `expression_surprise`, `expression_frown`. All have the"
    " size of `base`, or an anchor, and a transparent background."
)


class SpriteLayout(TypeParams):
    """Where sprites lie, in pixels of ``base``."""

    anchors: dict[Annotated[SpriteSlot, Field(strict=False)], PixelPoint] = Field(
        default={},
        description=(
            "For sprites that are smaller than `base`: the place of their middle, in pixels of"
            " `base`, for `mouth`, `eyes`, `head`, `brows`, `hands`, `front` and `expression`."
        ),
        examples=[{"mouth": [512, 610]}],
    )
    face: Annotated[tuple[Pixels, Pixels, Pixels, Pixels], Field(strict=False)] | None = Field(
        default=None,
        description=(
            "The face in pixels of `base`: left, top (hairline), right, bottom (chin). By default"
            " it is found from eyes and mouth."
        ),
    )
    neck: PixelPoint | None = Field(
        default=None,
        description="The point about which the head tilts, in pixels of `base`; by default below"
        " the face.",
    )

    @model_validator(mode="after")
    def _check_face(self) -> Self:
        if self.face is not None:
            left, top, right, bottom = self.face
            if right <= left or bottom <= top:
                raise ValueError("face: the box is empty; give left, top, right and bottom")
        return self


class SpritesParams(SpriteLayout):
    """The sprites of one presenter."""

    pictures: dict[NameOfSprite, Annotated[int, Field(ge=1, le=MAX_PICTURES)]] = Field(
        description="The number, counted from 1, of each sprite's picture in"
        f" `inputs.sprite_asset_ids`. {SPRITES_HELP}",
        examples=[{"base": 1, "mouth_x": 2, "mouth_d": 3, "eyes_open": 4}],
    )

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        require_body_and_mouth(self.pictures)
        return self


class SpriteAssets(SpriteLayout):
    """The sprites of a model."""

    pictures: dict[NameOfSprite, Annotated[str, Field(max_length=100)]] = Field(
        description=f"The asset of each sprite. {SPRITES_HELP}"
    )

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        require_body_and_mouth(self.pictures)
        return self

    def numbered(self, before: int) -> dict[str, object]:
        """Return ``SpritesParams`` as JSON, for pictures that follow ``before`` others."""
        numbers = {name: before + place for place, name in enumerate(self.pictures, start=1)}
        layout = self.model_dump(mode="json", exclude={"pictures"}, exclude_unset=True)
        return {**layout, "pictures": {name.value: number for name, number in numbers.items()}}


class MissingSprite(NamedTuple):
    """A sprite that a set needs and does not have."""

    name: SpriteName
    rule: str
    remedy: str


def missing_sprite(names: Collection[SpriteName]) -> MissingSprite | None:
    """Return what is missing unless a set has a base and a mouth."""
    if SpriteName.BASE not in names:
        return MissingSprite(
            SpriteName.BASE,
            "the sprite is missing",
            "add the picture of the body without mouth and eyes",
        )
    if not any(name.startswith("mouth_") for name in names):
        return MissingSprite(
            SpriteName.MOUTH_X,
            "at least one mouth is needed",
            "add mouth_x, the mouth at rest, and as many of mouth_a to mouth_h as you have",
        )
    return None


def require_body_and_mouth(names: Collection[SpriteName]) -> None:
    """Raise ``ValueError``, naming what is missing, unless a set has a base and a mouth."""
    found = missing_sprite(names)
    if found is not None:
        raise ValueError(f"pictures.{found.name}: {found.rule}; {found.remedy}")


def check_sprite_files(sprites: Mapping[str, SpriteLayout | None], inputs: Collection[str]) -> None:
    """Raise ``InvalidRequest`` if presenters have sprites without files, or the other way round.

    ``sprites`` are those of all presenters, by the fields of the request.
    """
    field = next((field for field, one in sprites.items() if one is not None), None)
    if field is not None and "sprite" not in inputs:
        raise InvalidRequest(
            f"{field}: there is no picture; add inputs.sprite_asset_ids.", field=field
        )
    if field is None and "sprite" in inputs:
        field = next(iter(sprites))
        raise InvalidRequest(
            f"inputs.sprite_asset_ids: no presenter has sprites; say in {field}.pictures which"
            " picture is what.",
            field="inputs.sprite_asset_ids",
        )
