"""``picture_in_picture``: a small video on a large one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.colors import Colour
from gala.render_types.params.framing import Anchor, Part
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class SoundOf(StrEnum):
    """Whose sound is heard."""

    BASE = "base"
    INSET = "inset"
    MIX = "mix"


class PictureInPictureParams(VideoParams):
    """Params of a picture in picture."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.BOTTOM_RIGHT,
        description="A corner, a side or the middle, `margin` away from the edge.",
    )
    x: Part | None = Field(
        default=None,
        description="Instead of `position`: its left edge, as a part of the frame's width.",
    )
    y: Part | None = Field(
        default=None,
        description="Instead of `position`: its top edge, as a part of the frame's height.",
    )
    size: float = Field(
        default=0.3,
        ge=0.05,
        le=1,
        description="The largest part of the frame's width or height that it takes, 0.05 to 1.",
    )
    margin: float = Field(
        default=0.03, ge=0, le=0.5, description="Room at the edge, as a part of the shorter side."
    )
    radius: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="How round its corners are, as a part of its shorter side; 0.5 is a circle.",
    )
    border_width: int = Field(default=0, ge=0, le=100, description="Its border, in pixels.")
    border_color: Colour = Field(default="#ffffff", description="The border's colour.")
    shadow: bool = Field(default=False, description="Whether it throws a soft shadow.")
    start: Seconds = Field(default=0.0, description="When it appears, in seconds or a timecode.")
    end: Seconds | None = Field(
        default=None, description="When it goes; by default with the end of the shorter video."
    )
    sound: Annotated[SoundOf, Field(strict=False)] = Field(
        default=SoundOf.BASE, description="Whose sound is heard: `base`, `inset` or `mix`."
    )

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("x, y: give both or none")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be after start")
        return self


TYPE = RenderType(
    name="picture_in_picture",
    summary="A small video (or picture) on a large one, with round corners, border and shadow.",
    params=PictureInPictureParams,
    inputs={
        "video": InputSpec("The large video.", frozenset({MediaClass.VIDEO}), required=True),
        "inset": InputSpec(
            "The small video, or a picture.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"size": 0.4, "radius": 0.2, "border_width": 4, "shadow": True},
    example_inputs={"video": ("video",), "inset": ("other_video",)},
)
