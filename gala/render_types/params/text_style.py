"""How a text looks on a picture."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from gala.render_types.base import VISIBLE_TEXT
from gala.render_types.params.colors import Colour
from gala.render_types.params.video_encoding import VideoParams

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=VISIBLE_TEXT)]


class TextAlign(StrEnum):
    """Where shorter lines stand beside longer ones."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class TextParams(VideoParams):
    """Base of the params of a type that draws a text; measures in pixels of the video."""

    text: Text = Field(
        description="What is shown, 1 to 2000 characters; `\\n` breaks the line.",
        examples=["GALA"],
    )
    font: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None,
        description=(
            "A font's name; what it lacks is drawn with a font that has it. By default a sans"
            " serif that has every script."
        ),
        examples=["Montserrat"],
    )
    font_size: float = Field(
        default=50.0,
        ge=4,
        le=1000,
        description=(
            "Height of the letters' em, 4 to 1000 pixels; up to half as small where a long word"
            " would not fit on a line."
        ),
    )
    color: Colour = Field(default="#ffffff", description="The letters' colour.")
    bold: bool = Field(default=False, description="Bold letters.")
    italic: bool = Field(default=False, description="Slanted letters.")
    align: Annotated[TextAlign, Field(strict=False)] = Field(
        default=TextAlign.CENTER,
        description="Where shorter lines stand: `left`, `center` or `right`.",
    )
    line_spacing: float = Field(
        default=1.25, ge=0.5, le=4, description="From one baseline to the next, in em, 0.5 to 4."
    )
    stroke_color: Colour = Field(default="#000000", description="Colour of the letters' outline.")
    stroke_width: float = Field(
        default=0.0, ge=0, le=50, description="Width of the outline, 0 to 50 pixels."
    )
    shadow_color: Colour = Field(default="#000000", description="The shadow's colour.")
    shadow_opacity: float = Field(
        default=0.0, ge=0, le=1, description="0 is no shadow, 1 one that lets nothing through."
    )
    shadow_blur: float = Field(
        default=6.0, ge=0, le=100, description="How soft the shadow is, 0 to 100 pixels."
    )
    shadow_offset: float = Field(
        default=2.0, ge=0, le=100, description="How far down the shadow falls, 0 to 100 pixels."
    )
    box_color: Colour | None = Field(
        default=None, description="Colour of a box behind the text; or none.", examples=["#000000"]
    )
    box_opacity: float = Field(
        default=0.65, ge=0, le=1, description="How much the box covers, 0 to 1."
    )
    box_padding: float = Field(
        default=16.0, ge=0, le=400, description="Room around the text in its box, 0 to 400 pixels."
    )
    box_radius: float = Field(
        default=8.0, ge=0, le=400, description="How round the box's corners are, 0 to 400 pixels."
    )
