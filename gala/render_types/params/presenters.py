"""Presenters: their bodies, framing, background and place on the frame."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.render_types.base import TypeParams
from gala.render_types.params.characters import CharacterParams
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Anchor
from gala.render_types.params.sprites import SpriteLayout


class PresenterBackground(StrEnum):
    """What is behind a presenter."""

    KEEP = "keep"
    BLUR = "blur"
    REPLACE = "replace"
    NONE = "none"


class TransparentFormat(StrEnum):
    """File format of a video with a transparent background."""

    WEBM = "webm"
    MOV = "mov"
    PNG = "png"


class Driver(StrEnum):
    """What moves a portrait."""

    BUILTIN = "builtin"
    SERVICE = "service"


Point = Annotated[
    tuple[Annotated[float, Field(ge=-0.5, le=1.5)], Annotated[float, Field(ge=-0.5, le=1.5)]],
    Field(strict=False),
]
"""A place on a picture: fractions of its width and height from the top left corner."""


class FacePoint(StrEnum):
    """Places of a face's features; left and right are those of the picture."""

    LEFT_EYE = "left_eye"
    LEFT_EYE_LEFT = "left_eye_left"
    LEFT_EYE_RIGHT = "left_eye_right"
    LEFT_EYE_TOP = "left_eye_top"
    LEFT_EYE_BOTTOM = "left_eye_bottom"
    RIGHT_EYE = "right_eye"
    RIGHT_EYE_LEFT = "right_eye_left"
    RIGHT_EYE_RIGHT = "right_eye_right"
    RIGHT_EYE_TOP = "right_eye_top"
    RIGHT_EYE_BOTTOM = "right_eye_bottom"
    LEFT_BROW = "left_brow"
    RIGHT_BROW = "right_brow"
    NOSE = "nose"
    MOUTH_LEFT = "mouth_left"
    MOUTH_RIGHT = "mouth_right"
    MOUTH_TOP = "mouth_top"
    MOUTH_MIDDLE = "mouth_middle"
    MOUTH_BOTTOM = "mouth_bottom"
    CHIN = "chin"
    FOREHEAD = "forehead"
    LEFT_CHEEK = "left_cheek"
    RIGHT_CHEEK = "right_cheek"


class BodyParams(TypeParams):
    """A presenter's body: a face of a picture, or a drawn character."""

    character: CharacterParams | None = Field(
        default=None, description="The drawn character, for a presenter without a picture."
    )
    face: int = Field(
        default=1,
        ge=1,
        le=50,
        description="Which face of the picture speaks, counted from 1, the largest first.",
    )
    points: dict[Annotated[FacePoint, Field(strict=False)], Point] = Field(
        default={},
        description=(
            "Places of features that were not found well, as fractions of the picture's width and"
            " height. Where no face is found, as in drawings and animals, at least `left_eye`,"
            " `right_eye`, `mouth_left` and `mouth_right` are needed."
        ),
        examples=[{"left_eye": [0.4, 0.42], "right_eye": [0.6, 0.42]}],
    )


class ActingParams(BodyParams):
    """A body, and what moves it."""

    energy: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Energy of the movements, 0 (mouth and lids only) to 1 (lively).",
    )
    driver: Annotated[Driver, Field(strict=False)] = Field(
        default=Driver.BUILTIN,
        description=(
            "What moves a portrait: `builtin` is GALA; `service` is the animation service that the"
            " operator configured (`AVATAR_SERVICE_URL`), for pictures with their own background."
            " If it cannot be used or fails, GALA moves the portrait, with a line in the job's log."
        ),
    )


MovementSeed = Annotated[
    int,
    Field(
        ge=0,
        le=2**31 - 1,
        description="Seed of the movements; the same request moves in the same way.",
    ),
]


def check_one_body(body: BodyParams, sprites: SpriteLayout | None) -> None:
    """Raise ``ValueError`` if a presenter has sprites and another body as well."""
    others = body.model_fields_set & {"character", "portrait", "points"}
    for other in sorted(name for name in others if getattr(body, name)):
        if sprites is not None:
            raise ValueError(f"{other}: not used with sprites; leave one of them out")


class Inset(TypeParams):
    """A presenter in a small frame over the background."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.BOTTOM_RIGHT,
        description="A corner, a side or the center of the frame, `margin` away from the edges.",
    )
    size: float = Field(
        default=0.32,
        ge=0.05,
        le=1,
        description="Width and height, as a fraction of the frame's shorter side.",
    )
    margin: float = Field(
        default=0.04,
        ge=0,
        le=0.5,
        description="Distance from the edges, as a fraction of the shorter side.",
    )
    radius: float = Field(
        default=0.5,
        ge=0,
        le=0.5,
        description="Corner radius, as a fraction of its side; 0.5 makes a circle.",
    )
    border_width: int = Field(default=0, ge=0, le=100, description="Border width in pixels.")
    border_color: Color = Field(default="#ffffff", description="Border color.")
    shadow: bool = Field(default=True, description="Whether it casts a soft shadow.")


class Logo(TypeParams):
    """Where the picture of `inputs.logo_asset_id` is shown."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.TOP_RIGHT,
        description="A corner, a side or the center of the frame, `margin` away from the edges.",
    )
    size: float = Field(
        default=0.16,
        ge=0.02,
        le=1,
        description="Size: the largest fraction of the frame's sides that it covers.",
    )
    margin: float = Field(
        default=0.04,
        ge=0,
        le=0.5,
        description="Distance from the edges, as a fraction of the shorter side.",
    )
    opacity: float = Field(default=1.0, ge=0, le=1, description="Opacity, 0 to 1.")
