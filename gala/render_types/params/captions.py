"""Captions: timed words, rules for splitting them into lines, and their look."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.timecodes import MAX_SECONDS, Seconds

MAX_WORDS: Final = 50_000
MAX_REPLACEMENTS: Final = 200
MAX_RANGES: Final = 200
MIN_FONT_PIXELS: Final = 8
MAX_FONT_PIXELS: Final = 1000
MAX_STROKE_PIXELS: Final = 50

_PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""No control characters but tabs and line breaks."""


_EM: Final = 1 / 13
_WORD_EM: Final = 1 / 9
"""The default font sizes, of captions and of single words, as fractions of the frame's shorter
side."""


class CaptionStyle(StrEnum):
    """How captions show the word being spoken."""

    CLASSIC = "classic"
    KARAOKE = "karaoke"
    HIGHLIGHT = "highlight"
    WORD = "word"
    BOXED = "boxed"


class CaptionPlace(StrEnum):
    """Vertical position: the captions' center at 20, 45 or 75 % of the height."""

    TOP = "top"
    CENTER = "center"
    BOTTOM = "bottom"


PLACES: Final[Mapping[CaptionPlace, float]] = {
    CaptionPlace.TOP: 0.20,
    CaptionPlace.CENTER: 0.45,
    CaptionPlace.BOTTOM: 0.75,
}


class Align(StrEnum):
    """Alignment of lines of different lengths."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Replacement(TypeParams):
    """Text that captions show differently from what is spoken."""

    find: str = Field(
        min_length=1,
        max_length=200,
        pattern=_PLAIN,
        description="Text to find; whole words only, case-insensitive.",
        examples=["galla"],
    )
    replace: str = Field(
        max_length=200, pattern=_PLAIN, description="Text to show instead; empty hides the match."
    )


class TimeRange(TypeParams):
    """Time range from ``start`` to ``end``."""

    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end: must be after start")
        return self


class TimedWord(TypeParams):
    """A word with the times in seconds at which it is spoken."""

    text: str = Field(min_length=1, max_length=200, pattern=_PLAIN, description="The word.")
    start_ts: float = Field(ge=0, le=MAX_SECONDS, description="Start in seconds.")
    end_ts: float = Field(ge=0, le=MAX_SECONDS, description="End in seconds.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_ts < self.start_ts:
            raise ValueError("end_ts: must not be before start_ts")
        return self


def _check_order(words: tuple[TimedWord, ...]) -> None:
    for before, word in pairwise(words):
        if word.start_ts < before.start_ts:
            raise ValueError(
                f"words: not in order: {word.start_ts:g} s comes after {before.start_ts:g} s"
            )


class WordList(TypeParams):
    """Base of params with timed words."""

    words: Annotated[tuple[TimedWord, ...], Field(strict=False)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_WORDS,
        description=(
            "Words with their times in seconds, in order, as `tts`, `transcribe` and `align`"
            " produce them."
        ),
        examples=[[{"text": "Hello", "start_ts": 0.2, "end_ts": 0.6}]],
    )

    @model_validator(mode="after")
    def _words_in_order(self) -> Self:
        _check_order(self.words or ())
        return self


class LineRules(TypeParams):
    """Rules for splitting words into captions, and for the text shown."""

    max_lines: int = Field(default=2, ge=1, le=5, description="Maximum lines per caption, 1 to 5.")
    max_chars: int = Field(
        default=20,
        ge=1,
        le=200,
        description=(
            "Maximum characters per line, 1 to 200. Wide characters (Chinese, Japanese, Korean)"
            " count as two; a longer word gets a line of its own. With 1 and `max_lines` 1, one"
            " word is shown at a time."
        ),
    )
    max_words: int | None = Field(
        default=None,
        ge=1,
        le=50,
        description="Maximum words per caption, 1 to 50; by default as many as fit.",
        examples=[3],
    )
    pause_seconds: float = Field(
        default=0.6,
        ge=0.05,
        le=10,
        description="A silence of at least this many seconds ends a caption.",
    )
    min_seconds: float = Field(
        default=0.8,
        ge=0,
        le=10,
        description=(
            "Minimum time in seconds that a caption is shown, unless the next one starts earlier;"
            " its start is never moved."
        ),
    )
    uppercase: bool = Field(default=False, description="Whether to show capital letters only.")
    keep_punctuation: bool = Field(
        default=True, description="If false, punctuation around words is removed."
    )
    replace: Annotated[tuple[Replacement, ...], Field(strict=False)] = Field(
        default=(),
        max_length=MAX_REPLACEMENTS,
        description="Replacements in the shown text, applied in order.",
        examples=[[{"find": "galla", "replace": "GALA"}]],
    )
    exclude: Annotated[tuple[TimeRange, ...], Field(strict=False)] = Field(
        default=(),
        max_length=MAX_RANGES,
        description="Time ranges without captions.",
        examples=[[{"start": 0, "end": "0:02.5"}]],
    )


class CaptionParams(LineRules):
    """Look of captions. Lengths are in pixels of the video."""

    style: Annotated[CaptionStyle, Field(strict=False)] = Field(
        default=CaptionStyle.HIGHLIGHT,
        description=(
            "`classic`: whole lines; `karaoke`: words take the highlight color when they are spoken"
            " and keep it; `highlight`: only the word being spoken has it; `word`: one word at a"
            " time; `boxed`: whole lines on a box."
        ),
    )
    position: Annotated[CaptionPlace, Field(strict=False)] | float = Field(
        default=CaptionPlace.BOTTOM,
        description=(
            "Vertical center of the captions: `top`, `center`, `bottom` (20, 45, 75 % of the"
            " height) or a fraction of the height, 0 to 1. They are always fully visible."
        ),
        examples=[0.6],
    )
    x: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Horizontal center of the captions, a fraction of the video's width, 0 to 1.",
        examples=[0.46],
    )
    width: float = Field(
        default=0.9,
        ge=0.1,
        le=1,
        description="Greatest width of the captions, a fraction of the video's width, 0.1 to 1.",
        examples=[0.8],
    )
    align: Annotated[Align, Field(strict=False)] = Field(
        default=Align.CENTER,
        description="Alignment of the lines in that width: `left`, `center` or `right`.",
    )
    font: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None,
        description=(
            "Font name; characters it lacks are drawn with another font. By default a bold sans"
            " serif font."
        ),
    )
    font_size: float | None = Field(
        default=None,
        ge=MIN_FONT_PIXELS,
        le=MAX_FONT_PIXELS,
        description=(
            "Font size (em) in pixels, 8 to 1000; reduced if a word would not fit. By default a"
            " thirteenth of the shorter side, a ninth for `word`."
        ),
        examples=[80],
    )
    bold: bool = Field(default=True, description="Whether the text is bold.")
    italic: bool = Field(default=False, description="Whether the text is italic.")
    color: Color = Field(default="#ffffff", description="Text color.")
    highlight_color: Color = Field(
        default="#ffd60a", description="Color of the word being spoken (`karaoke`, `highlight`)."
    )
    highlight_box_color: Color | None = Field(
        default=None,
        description="`highlight`: color of a box behind the word being spoken; `null`: no box.",
        examples=["#e11d48"],
    )
    stroke_color: Color = Field(default="#000000", description="Outline color.")
    stroke_width: float | None = Field(
        default=None,
        ge=0,
        le=MAX_STROKE_PIXELS,
        description="Outline width in pixels, 0 to 50; by default 8 % of the font size.",
    )
    shadow_color: Color = Field(default="#000000", description="Shadow color.")
    shadow_opacity: float = Field(
        default=0.6, ge=0, le=1, description="Shadow opacity, 0 (none) to 1 (opaque)."
    )
    shadow_blur: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description=(
            "Blur radius of the shadow in pixels, 0 to 100; by default 12 % of the font size."
        ),
    )
    box_color: Color = Field(default="#000000", description="Box color (`boxed`).")
    box_opacity: float = Field(
        default=0.65, ge=0, le=1, description="Opacity of the box, 0 to 1 (`boxed`)."
    )

    @model_validator(mode="after")
    def _check_position(self) -> Self:
        if isinstance(self.position, float) and not 0 <= self.position <= 1:
            raise ValueError("position: must be top, center, bottom or a number from 0 to 1")
        return self

    @property
    def height(self) -> float:
        """Vertical center of the captions, as a fraction of the height."""
        return self.position if isinstance(self.position, float) else PLACES[self.position]

    def em(self, shorter_side: float) -> float:
        """Return the font size in pixels on a frame whose shorter side has that many."""
        usual = _WORD_EM if self.style is CaptionStyle.WORD else _EM
        return self.font_size or usual * shorter_side


def _switched(value: object) -> object:
    """Return what ``true`` and ``false`` stand for, as in compositions."""
    if isinstance(value, bool):
        return CaptionParams() if value else None
    return value


CaptionsField = Annotated[
    CaptionParams | None,
    BeforeValidator(_switched, json_schema_input_type=bool | CaptionParams | None),
]
"""The look of captions, or whether there are any."""
