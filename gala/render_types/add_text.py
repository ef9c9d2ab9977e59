"""``add_text``: a text on a video."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Anchor
from gala.render_types.params.text_style import TextParams
from gala.render_types.params.timecodes import Seconds

_MAX_SIDE = 4096


class AddTextParams(TextParams):
    """Params of a text on a video."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.CENTER,
        description="A corner, a side or the middle, `margin` away from the edge.",
    )
    x: float | None = Field(
        default=None,
        ge=0,
        le=_MAX_SIDE,
        description=(
            "Instead of `position`, with `y`: the text's left edge; up to 1 as a part of the"
            " video's width, above in pixels."
        ),
    )
    y: float | None = Field(
        default=None,
        ge=0,
        le=_MAX_SIDE,
        description="Its top edge; up to 1 as a part of the video's height, above in pixels.",
    )
    margin: float = Field(
        default=0.05, ge=0, le=0.5, description="Room at the edge, as a part of the shorter side."
    )
    max_width: float = Field(
        default=0.9,
        ge=0.05,
        le=1,
        description="How wide lines may be, as a part of the frame's width; others are broken.",
    )
    start: Seconds = Field(default=0.0, description="When it appears, in seconds or a timecode.")
    end: Seconds | None = Field(
        default=None, description="When it goes; by default with the end of the video."
    )
    fade_in: float = Field(default=0.0, ge=0, le=30, description="How long it appears, in seconds.")
    fade_out: float = Field(default=0.0, ge=0, le=30, description="How long it goes, in seconds.")

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("x, y: give both or none")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be after start")
        if self.end is not None and self.fade_in + self.fade_out > self.end - self.start:
            raise ValueError("fade_in, fade_out: together longer than the text is shown")
        return self


TYPE = RenderType(
    name="add_text",
    summary="A text on a video, in any script and font, all the time or from when to when.",
    params=AddTextParams,
    inputs={
        "video": InputSpec(
            "The video; its sound stays as it is.", frozenset({MediaClass.VIDEO}), required=True
        )
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"text": "GALA", "position": "bottom", "font": "Montserrat", "bold": True},
    example_inputs={"video": ("video",)},
)
