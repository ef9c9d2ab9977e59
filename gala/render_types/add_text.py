"""``add_text``: draw text on a video."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Anchor
from gala.render_types.params.own_fonts import FONT, FONT_INPUT, OwnFonts, named_fonts
from gala.render_types.params.text_style import TextParams
from gala.render_types.params.timecodes import Seconds

_MAX_SIDE = 4096


class AddTextParams(TextParams, OwnFonts):
    """Params of a text on a video."""

    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.CENTER,
        description="A corner, a side or the center of the frame, `margin` away from the edges.",
    )
    x: float | None = Field(
        default=None,
        ge=0,
        le=_MAX_SIDE,
        description=(
            "With `y`, instead of `position`: the text's left edge. Up to 1 it is a fraction of the"
            " video's width, above 1 a number of pixels."
        ),
    )
    y: float | None = Field(
        default=None,
        ge=0,
        le=_MAX_SIDE,
        description=(
            "The text's top edge. Up to 1 it is a fraction of the video's height, above 1 a number"
            " of pixels."
        ),
    )
    margin: float = Field(
        default=0.05,
        ge=0,
        le=0.5,
        description="Distance from the edges, as a fraction of the shorter side.",
    )
    max_width: float = Field(
        default=0.9,
        ge=0.05,
        le=1,
        description="Maximum line width as a fraction of the frame's width; longer lines wrap.",
    )
    start: Seconds = Field(default=0.0, description="When the text appears: seconds or a timecode.")
    end: Seconds | None = Field(
        default=None,
        description="When the text disappears: seconds or a timecode; by default the video's end.",
    )
    fade_in: float = Field(default=0.0, ge=0, le=30, description="Seconds over which it fades in.")
    fade_out: float = Field(
        default=0.0, ge=0, le=30, description="Seconds over which it fades out."
    )

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("x, y: set both or neither")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be after start")
        if self.end is not None and self.fade_in + self.fade_out > self.end - self.start:
            raise ValueError("fade_in, fade_out: together longer than the time from start to end")
        return self


TYPE = RenderType(
    name="add_text",
    summary="Draw text on a video, in any script and font, for all of it or between two times.",
    params=AddTextParams,
    inputs={
        "video": InputSpec(
            "The video; its audio is not changed.", frozenset({MediaClass.VIDEO}), required=True
        ),
        FONT: FONT_INPUT,
    },
    named_inputs=named_fonts,
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"text": "GALA", "position": "bottom", "font": "Montserrat", "bold": True},
    example_inputs={"video": ("video",)},
)
