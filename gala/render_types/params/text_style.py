"""Text style: font, color, outline, shadow and box."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from gala.render_types.params.colors import Color
from gala.render_types.params.video_encoding import VideoParams
from gala.visible_text import VISIBLE_TEXT

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=VISIBLE_TEXT)]


class TextAlign(StrEnum):
    """Alignment of lines of different lengths."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class TextParams(VideoParams):
    """Base of the params of types that draw a text; lengths are in pixels of the video."""

    text: Text = Field(
        description="The text, 1 to 2000 characters; `\\n` breaks the line.",
        examples=["GALA"],
    )
    font: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None,
        description=(
            "Font name; characters it lacks are drawn with another font. By default a sans serif"
            " font that has every script."
        ),
        examples=["Montserrat"],
    )
    font_size: float = Field(
        default=50.0,
        ge=4,
        le=1000,
        description=(
            "Font size (em) in pixels, 4 to 1000; reduced by up to half if a long word would not"
            " fit on a line."
        ),
    )
    color: Color = Field(default="#ffffff", description="Text color.")
    bold: bool = Field(default=False, description="Whether the text is bold.")
    italic: bool = Field(default=False, description="Whether the text is italic.")
    align: Annotated[TextAlign, Field(strict=False)] = Field(
        default=TextAlign.CENTER,
        description="Alignment of the lines: `left`, `center` or `right`.",
    )
    line_spacing: float = Field(
        default=1.25, ge=0.5, le=4, description="Distance between baselines in em, 0.5 to 4."
    )
    stroke_color: Color = Field(default="#000000", description="Outline color.")
    stroke_width: float = Field(
        default=0.0, ge=0, le=50, description="Outline width, 0 to 50 pixels."
    )
    shadow_color: Color = Field(default="#000000", description="Shadow color.")
    shadow_opacity: float = Field(
        default=0.0, ge=0, le=1, description="Shadow opacity, 0 (none) to 1 (opaque)."
    )
    shadow_blur: float = Field(
        default=6.0, ge=0, le=100, description="Blur radius of the shadow, 0 to 100 pixels."
    )
    shadow_offset: float = Field(
        default=2.0, ge=0, le=100, description="Downward offset of the shadow, 0 to 100 pixels."
    )
    box_color: Color | None = Field(
        default=None,
        description="Color of a box behind the text; `null` for no box.",
        examples=["#000000"],
    )
    box_opacity: float = Field(default=0.65, ge=0, le=1, description="Opacity of the box, 0 to 1.")
    box_padding: float = Field(
        default=16.0,
        ge=0,
        le=400,
        description="Space between the text and the edge of its box, 0 to 400 pixels.",
    )
    box_radius: float = Field(
        default=8.0, ge=0, le=400, description="Corner radius of the box, 0 to 400 pixels."
    )
