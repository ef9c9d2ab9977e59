"""The look of captions, in parts of the frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from gala.render_types.base import TypeParams
from gala.render_types.params.captions import (
    MAX_FONT_PIXELS,
    MAX_STROKE_PIXELS,
    MIN_FONT_PIXELS,
    PLACES,
    CaptionParams,
    CaptionPlace,
    CaptionStyle,
)
from gala.render_types.params.colors import Color
from gala.timeline.document.texts import FontName
from gala.timeline.document.values import PERCENT_PATTERN, Percent

_PIXELS: Final[Mapping[str, tuple[float, float]]] = {
    "font_size": (MIN_FONT_PIXELS, MAX_FONT_PIXELS),
    "stroke_width": (0, MAX_STROKE_PIXELS),
}
"""The sizes, with what captions can have: on small and on large frames, parts may be beyond it."""
_ACROSS: Final = ("x", "width")


def _place_kind(value: Any) -> str:
    is_percent = isinstance(value, str) and value.strip()[-1:] == "%"
    return "percent" if is_percent or isinstance(value, int | float) else "word"


class CaptionLook(TypeParams):
    """The look of captions."""

    style: Annotated[CaptionStyle, Field(strict=False)] = Field(
        default=CaptionStyle.HIGHLIGHT,
        description="`classic`, `karaoke`, `highlight`, `word` or `boxed`, as in `captions`.",
    )
    position: Annotated[
        Annotated[CaptionPlace, Field(strict=False), Tag("word")]
        | Annotated[Percent, Field(ge=0, le=1), Tag("percent")],
        Discriminator(_place_kind),
        # One schema instead of a union of two texts.
        WithJsonSchema(
            {"type": "string", "pattern": rf"^({'|'.join(CaptionPlace)})$|{PERCENT_PATTERN}"}
        ),
    ] = Field(
        default=CaptionPlace.BOTTOM,
        description="Vertical center: `top`, `center`, `bottom`, or of the frame's height.",
        examples=["bottom", "60%"],
    )
    x: Percent | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Horizontal center, of the frame's width; by default 50%. Captions are always"
        " fully visible.",
        examples=["46%"],
    )
    width: Percent | None = Field(
        default=None,
        ge=0.1,
        le=1,
        description="Greatest width of the lines, of the frame's width; by default 90%.",
    )
    font: FontName | None = Field(default=None, description="Font name.")
    font_size: Percent | None = Field(
        default=None,
        ge=0.01,
        le=0.5,
        description="Font size, of the frame's shorter side; by default one that can be read.",
    )
    bold: bool = Field(default=True, description="Whether the text is bold.")
    italic: bool = Field(default=False, description="Whether the text is italic.")
    color: Color = Field(default="#ffffff", description="Text color.")
    highlight_color: Color = Field(
        default="#ffd60a", description="Color of the word being spoken (`karaoke`, `highlight`)."
    )
    highlight_box_color: Color | None = Field(
        default=None, description="`highlight`: color of a box behind the word being spoken."
    )
    stroke_color: Color = Field(default="#000000", description="Outline color.")
    stroke_width: Percent | None = Field(
        default=None, ge=0, le=0.05, description="Outline width, of the frame's shorter side."
    )
    box_color: Color = Field(default="#000000", description="Box color (`boxed`).")
    box_opacity: float = Field(default=0.65, ge=0, le=1, description="Opacity of the box.")
    uppercase: bool = Field(default=False, description="Whether to show capital letters only.")
    max_lines: int = Field(default=2, ge=1, le=5, description="Maximum lines per caption, 1 to 5.")
    max_chars: int = Field(
        default=20, ge=1, le=200, description="Maximum characters per line, 1 to 200."
    )
    max_words: int | None = Field(
        default=None, ge=1, le=50, description="Maximum words per caption."
    )
    keep_punctuation: bool = Field(
        default=True, description="If false, punctuation around words is removed."
    )

    def params(self, short_side: int) -> CaptionParams:
        """Return the params of the captions on a frame whose shorter side has that many pixels."""
        chosen: dict[str, Any] = {
            name: getattr(self, name) for name in CaptionLook.model_fields if name != "position"
        }
        for name, (least, most) in _PIXELS.items():
            part = chosen[name]
            chosen[name] = None if part is None else min(most, max(least, part * short_side))
        given = {
            name: value
            for name, value in chosen.items()
            if value is not None or name not in _ACROSS
        }
        return CaptionParams.model_validate({**given, "position": self.height})

    @property
    def height(self) -> float:
        """Vertical center of the captions, as a fraction of the height."""
        if isinstance(self.position, CaptionPlace):
            return PLACES[self.position]
        return self.position
