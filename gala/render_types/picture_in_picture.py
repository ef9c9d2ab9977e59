"""``picture_in_picture``: put a small video on a large one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Anchor, Part
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class SoundOf(StrEnum):
    """Which audio the result has."""

    BASE = "base"
    INSET = "inset"
    MIX = "mix"


class PictureInPictureParams(VideoParams):
    """Params of a picture in picture."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.BOTTOM_RIGHT,
        description="A corner, a side or the center of the frame, `margin` away from the edges.",
    )
    x: Part | None = Field(
        default=None,
        description="With `y`, instead of `position`: left edge as a fraction of the width.",
    )
    y: Part | None = Field(
        default=None,
        description="With `x`, instead of `position`: top edge as a fraction of the height.",
    )
    size: float = Field(
        default=0.3,
        ge=0.05,
        le=1,
        description="Size: the largest fraction of the frame's sides that it covers, 0.05 to 1.",
    )
    margin: float = Field(
        default=0.03,
        ge=0,
        le=0.5,
        description="Distance from the edges, as a fraction of the shorter side.",
    )
    radius: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Corner radius, as a fraction of its shorter side; 0.5 makes a circle.",
    )
    border_width: int = Field(default=0, ge=0, le=100, description="Border width in pixels.")
    border_color: Color = Field(default="#ffffff", description="Border color.")
    shadow: bool = Field(default=False, description="Whether it casts a soft shadow.")
    start: Seconds = Field(default=0.0, description="When it appears: seconds or a timecode.")
    end: Seconds | None = Field(
        default=None,
        description="When it disappears; by default at the end of the shorter video.",
    )
    sound: Annotated[SoundOf, Field(strict=False)] = Field(
        default=SoundOf.BASE, description="Which audio is kept: `base`, `inset` or `mix`."
    )

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("x, y: set both or neither")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be after start")
        return self


TYPE = RenderType(
    name="picture_in_picture",
    summary="Put a small video or picture on a large one, with round corners, border and shadow.",
    params=PictureInPictureParams,
    inputs={
        "video": InputSpec("The large video.", frozenset({MediaClass.VIDEO}), required=True),
        "inset": InputSpec(
            "The small video, or a picture; its transparency is kept.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"size": 0.4, "radius": 0.2, "border_width": 4, "shadow": True},
    example_inputs={"video": ("video",), "inset": ("other_video",)},
)
