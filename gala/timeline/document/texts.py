"""Rich text: runs of characters with their own look."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints, Tag

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.text_style import Text, TextAlign
from gala.timeline.document.values import Percent, objects_or

FontName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
MAX_RUNS: Final = 200
FontWeight = Annotated[int, Field(ge=100, le=900)]
WEIGHT_HELP: Final = (
    "Weight, 100 (thin) to 900 (black), instead of `bold`; fonts without it have their nearest."
)


class TextFit(StrEnum):
    """What happens to a text that does not fit its box."""

    WRAP = "wrap"
    SHRINK = "shrink"
    CLIP = "clip"


class VerticalAlign(StrEnum):
    """Where a text is in a box that is higher than its lines."""

    TOP = "top"
    CENTER = "center"
    BOTTOM = "bottom"

    @property
    def part(self) -> float:
        """How much of the free height is above the text, 0 to 1."""
        return {"top": 0.0, "center": 0.5, "bottom": 1.0}[self.value]


class TextRun(TypeParams):
    """A part of a text with a look of its own; what is not set is that of the element."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        description="The characters; spaces count."
    )
    font: FontName | None = Field(default=None, description="Font name.")
    font_size: Percent | None = Field(
        default=None, gt=0, le=1, description="Font size, of the frame's shorter side."
    )
    bold: bool | None = Field(default=None, description="Whether it is bold.")
    weight: FontWeight | None = Field(default=None, description=WEIGHT_HELP)
    italic: bool | None = Field(default=None, description="Whether it is italic.")
    color: Color | None = Field(default=None, description="Text color.")
    box_color: Color | None = Field(
        default=None, description="Color of a box behind this part of the text, as of a marker."
    )
    stroke_color: Color | None = Field(default=None, description="Outline color.")
    stroke_width: Percent | None = Field(
        default=None, ge=0, le=0.05, description="Outline width; 0 is none."
    )
    shadow_color: Color | None = Field(default=None, description="Shadow color.")
    shadow_opacity: float | None = Field(
        default=None, ge=0, le=1, description="Shadow opacity, 0 to 1; 0 is none."
    )
    underline: bool | None = Field(default=None, description="Whether it has a line under it.")
    strikethrough: bool | None = Field(
        default=None, description="Whether it has a line through it, as an old price."
    )


def _runs_kind_example() -> list[object]:
    return ["Hello", [{"text": "Now "}, {"text": "5 €", "color": "#ffd60a", "bold": True}]]


RichText = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[
        tuple[TextRun, ...], Field(strict=False, min_length=1, max_length=MAX_RUNS), Tag("runs")
    ],
    objects_or("text", lists="runs"),
    Field(
        description=(
            "The text, 1 to 2000 characters, `\\n` breaks the line; or a list of runs, each with"
            " `text` and a look of its own."
        ),
        examples=_runs_kind_example(),
    ),
]


class TextLook(TypeParams):
    """Base of elements that draw a text. Lengths are parts of the frame's shorter side."""

    font: FontName | None = Field(
        default=None,
        description="Font name; by default a sans serif font that has every script.",
        examples=["Montserrat"],
    )
    font_size: Percent = Field(default=0.06, gt=0, le=1, description="Font size (em).")
    bold: bool = Field(default=False, description="Whether the text is bold.")
    weight: FontWeight | None = Field(default=None, description=WEIGHT_HELP)
    italic: bool = Field(default=False, description="Whether the text is italic.")
    color: Color = Field(default="#ffffff", description="Text color.")
    align: Annotated[TextAlign, Field(strict=False)] = Field(
        default=TextAlign.CENTER, description="`left`, `center` or `right`."
    )
    vertical_align: Annotated[VerticalAlign, Field(strict=False)] = Field(
        default=VerticalAlign.CENTER,
        description=(
            "Where it is in a `height` that is more than its lines need: `top`, `center` or"
            " `bottom`."
        ),
    )
    line_height: float = Field(
        default=1.25, ge=0.5, le=4, description="Distance between baselines in em, 0.5 to 4."
    )
    stroke_color: Color = Field(default="#000000", description="Outline color.")
    stroke_width: Percent = Field(default=0.0, ge=0, le=0.05, description="Outline width.")
    shadow_color: Color = Field(default="#000000", description="Shadow color.")
    shadow_opacity: float = Field(default=0.0, ge=0, le=1, description="Shadow opacity, 0 to 1.")
    box_color: Color | None = Field(default=None, description="Color of a box behind the text.")
    box_opacity: float = Field(default=0.65, ge=0, le=1, description="Opacity of the box.")
    box_padding: Percent = Field(
        default=0.02, ge=0, le=0.4, description="Space between the text and the edge of its box."
    )
    box_radius: Percent = Field(default=0.01, ge=0, le=0.4, description="Corner radius of the box.")
