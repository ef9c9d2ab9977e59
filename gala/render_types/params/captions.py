"""Captions: how they look, how words are gathered into them, and what older clients call it all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Colour
from gala.render_types.params.timecodes import MAX_SECONDS, Seconds

MAX_WORDS: Final = 50_000
MAX_REPLACEMENTS: Final = 200
MAX_RANGES: Final = 200

_PLAIN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""No control characters but tabs and line breaks."""


class CaptionStyle(StrEnum):
    """What happens while the words are spoken."""

    CLASSIC = "classic"
    KARAOKE = "karaoke"
    HIGHLIGHT = "highlight"
    WORD = "word"
    BOXED = "boxed"


class CaptionPlace(StrEnum):
    """How high: the middle of the captions is at 20, 45 or 75 % of the height."""

    TOP = "top"
    CENTER = "center"
    BOTTOM = "bottom"


PLACES: Final[Mapping[CaptionPlace, float]] = {
    CaptionPlace.TOP: 0.20,
    CaptionPlace.CENTER: 0.45,
    CaptionPlace.BOTTOM: 0.75,
}


class Align(StrEnum):
    """Where shorter lines stand beside longer ones."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Replacement(TypeParams):
    """Text that the captions show otherwise; what is spoken stays."""

    find: str = Field(
        min_length=1,
        max_length=200,
        pattern=_PLAIN,
        description="Looked for in the words, whole words only; capital or small is the same.",
        examples=["galla"],
    )
    replace: str = Field(
        max_length=200, pattern=_PLAIN, description="Shown instead; empty shows nothing."
    )


class TimeRange(TypeParams):
    """From ``start`` to ``end``."""

    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end: must be after start")
        return self


class TimedWord(TypeParams):
    """A word and when it is spoken, in seconds."""

    text: str = Field(min_length=1, max_length=200, pattern=_PLAIN, description="The word.")
    start_ts: float = Field(ge=0, le=MAX_SECONDS, description="Seconds at which it begins.")
    end_ts: float = Field(ge=0, le=MAX_SECONDS, description="Seconds at which it ends.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_ts < self.start_ts:
            raise ValueError("end_ts: must not be before start_ts")
        return self


def _check_order(words: tuple[TimedWord, ...]) -> None:
    for before, word in pairwise(words):
        if word.start_ts < before.start_ts:
            raise ValueError(f"words: {word.start_ts:g} s comes after {before.start_ts:g} s")


class WordList(TypeParams):
    """Base of the params that may come with timed words."""

    words: Annotated[tuple[TimedWord, ...], Field(strict=False)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_WORDS,
        description=(
            "Words with their times in seconds, in order, as `tts`, `transcribe` and `align` give"
            " them."
        ),
        examples=[[{"text": "Hello", "start_ts": 0.2, "end_ts": 0.6}]],
    )

    @model_validator(mode="after")
    def _words_in_order(self) -> Self:
        _check_order(self.words or ())
        return self


class LineRules(TypeParams):
    """How words are gathered into captions, and what of them is shown."""

    max_lines: int = Field(default=2, ge=1, le=5, description="Lines of a caption, 1 to 5.")
    max_chars: int = Field(
        default=20,
        ge=1,
        le=200,
        description=(
            "Characters of a line, 1 to 200; wide ones (Chinese, Japanese, Korean) count two, and a"
            " longer word has a line for itself. With 1 and one line, one word at a time."
        ),
    )
    max_words: int | None = Field(
        default=None,
        ge=1,
        le=50,
        description="Words of a caption, 1 to 50; by default as many as fit.",
        examples=[3],
    )
    pause_seconds: float = Field(
        default=0.6,
        ge=0.05,
        le=10,
        description="A silence as long as this ends a caption, in seconds.",
    )
    min_seconds: float = Field(
        default=0.8,
        ge=0,
        le=10,
        description=(
            "How long a caption stays at least, in seconds, unless the next one comes before; its"
            " start never moves."
        ),
    )
    uppercase: bool = Field(default=False, description="In capital letters.")
    keep_punctuation: bool = Field(
        default=True, description="Off: without commas, full stops and the like around words."
    )
    replace: Annotated[tuple[Replacement, ...], Field(strict=False)] = Field(
        default=(),
        max_length=MAX_REPLACEMENTS,
        description="What is shown otherwise than spoken, one after the other.",
        examples=[[{"find": "galla", "replace": "GALA"}]],
    )
    exclude: Annotated[tuple[TimeRange, ...], Field(strict=False)] = Field(
        default=(),
        max_length=MAX_RANGES,
        description="Times without captions.",
        examples=[[{"start": 0, "end": "0:02.5"}]],
    )


class CaptionParams(LineRules):
    """How captions look. All measures are in pixels of the video."""

    style: Annotated[CaptionStyle, Field(strict=False)] = Field(
        default=CaptionStyle.HIGHLIGHT,
        description=(
            "`classic`: whole lines; `karaoke`: words take the highlight colour as they are spoken"
            " and keep it; `highlight`: only the word being spoken has it; `word`: one word at a"
            " time; `boxed`: whole lines on a box."
        ),
    )
    position: Annotated[CaptionPlace, Field(strict=False)] | float = Field(
        default=CaptionPlace.BOTTOM,
        description=(
            "Where the captions' middle is: `top`, `center`, `bottom` (20, 45, 75 % of the height)"
            " or a part of the height, 0 to 1. They never leave the picture."
        ),
        examples=[0.6],
    )
    align: Annotated[Align, Field(strict=False)] = Field(
        default=Align.CENTER, description="Where lines stand: `left`, `center` or `right`."
    )
    font: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None,
        description=(
            "A font's name; what it lacks is drawn with a font that has it. By default a bold sans"
            " serif."
        ),
    )
    font_size: float | None = Field(
        default=None,
        ge=8,
        le=1000,
        description=(
            "Height of the letters' em in pixels, 8 to 1000; made smaller where a word would not"
            " fit. By default a thirteenth of the shorter side, a ninth for `word`."
        ),
        examples=[80],
    )
    bold: bool = Field(default=True, description="Bold letters.")
    italic: bool = Field(default=False, description="Slanted letters.")
    color: Colour = Field(default="#ffffff", description="The letters' colour.")
    highlight_color: Colour = Field(
        default="#ffd60a", description="Colour of the word being spoken (`karaoke`, `highlight`)."
    )
    highlight_box_color: Colour | None = Field(
        default=None,
        description="`highlight`: a box of this colour behind the word being spoken; or none.",
        examples=["#e11d48"],
    )
    stroke_color: Colour = Field(default="#000000", description="Colour of the letters' outline.")
    stroke_width: float | None = Field(
        default=None,
        ge=0,
        le=50,
        description="Width of the outline in pixels, 0 to 50; by default 8 % of the font size.",
    )
    shadow_color: Colour = Field(default="#000000", description="The shadow's colour.")
    shadow_opacity: float = Field(
        default=0.6, ge=0, le=1, description="0 is no shadow, 1 one that lets nothing through."
    )
    shadow_blur: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description=(
            "How soft the shadow is, in pixels, 0 to 100; by default 12 % of the font size."
        ),
    )
    box_color: Colour = Field(default="#000000", description="The box's colour (`boxed`).")
    box_opacity: float = Field(
        default=0.65, ge=0, le=1, description="How much the box covers, 0 to 1 (`boxed`)."
    )

    @model_validator(mode="after")
    def _position_inside(self) -> Self:
        if isinstance(self.position, float) and not 0 <= self.position <= 1:
            raise ValueError("position: must be top, center, bottom or a number from 0 to 1")
        return self

    @property
    def height(self) -> float:
        """Where their middle is, as a part of the height."""
        return self.position if isinstance(self.position, float) else PLACES[self.position]


CAPTION_CONFIG: Final[Mapping[str, str]] = {
    "line_count": "max_lines",
    "line_max_length": "max_chars",
    "font_size": "font_size",
    "font_name": "font",
    "font_bold": "bold",
    "font_italic": "italic",
    "font_color": "color",
    "subtitle_position": "position",
    "shadow_color": "shadow_color",
    "shadow_transparency": "shadow_opacity",
    "shadow_blur": "shadow_blur",
    "stroke_color": "stroke_color",
    "stroke_size": "stroke_width",
}
_CAPTION_DEFAULTS: Final[Mapping[str, Any]] = {
    "line_count": 1,
    "line_max_length": 1,
    "font_size": 120,
    "font_bold": True,
    "font_color": "#fff",
    "subtitle_position": "top",
    "shadow_color": "#000",
    "shadow_transparency": 0.4,
    "shadow_blur": 10,
    "stroke_color": "#000",
    "stroke_size": 5,
}
_SUBTITLE_CONFIG: Final[Mapping[str, str]] = {
    "font": "font",
    "font_size": "font_size",
    "bold": "bold",
    "color": "color",
    "outline_color": "stroke_color",
    "outline_width": "stroke_width",
    "shadow": "shadow_blur",
    "max_lines": "max_lines",
    "max_length": "max_chars",
    "alignment": "position",
}
_ALIGNMENTS: Final[Mapping[int, CaptionPlace]] = {
    2: CaptionPlace.BOTTOM,
    5: CaptionPlace.TOP,
    10: CaptionPlace.CENTER,
}


def from_caption_config(config: Mapping[str, Any]) -> CaptionParams:
    """The media server's ``caption_config_*`` fields (named without that prefix).

    Values may be a form's texts; an empty one, or ``None``, is absent and means the server's own
    default (one word at a time). Raises pydantic's ValidationError, or ValueError naming the field
    that there is not.
    """
    given = _given(config, CAPTION_CONFIG, "caption_config_")
    wanted = {**_CAPTION_DEFAULTS, **given}
    named = {CAPTION_CONFIG[key]: value for key, value in wanted.items()}
    named["shadow_opacity"] = 1 - _number("shadow_transparency", named["shadow_opacity"])
    return _params({"style": CaptionStyle.CLASSIC, "min_seconds": 0.0, **named})


def from_subtitle_config(config: Mapping[str, Any]) -> CaptionParams:
    """The library's ``subtitle_config``; what is absent is as :class:`CaptionParams` has it.

    ``alignment`` is 2 (bottom), 5 (top) or 10 (center). ``shadow`` is how far it reaches in pixels,
    or whether there is one. Raises pydantic's ValidationError, or ValueError naming the field.
    """
    given = _given(config, _SUBTITLE_CONFIG, "subtitle_config.")
    named = {_SUBTITLE_CONFIG[key]: value for key, value in given.items()}
    if "position" in named:
        number = int(_number("alignment", named["position"]))
        if number not in _ALIGNMENTS:
            raise ValueError("subtitle_config.alignment: must be 2, 5 or 10")
        named["position"] = _ALIGNMENTS[number]
    shadow = named.get("shadow_blur")
    if isinstance(shadow, bool):
        del named["shadow_blur"]
    if shadow is not None and not shadow:
        named["shadow_opacity"] = 0.0
    return _params({"style": CaptionStyle.CLASSIC, **named})


def _given(config: Mapping[str, Any], known: Mapping[str, str], prefix: str) -> dict[str, Any]:
    for key in config:
        if key not in known:
            raise ValueError(f"{prefix}{key}: there is no such field")
    return {key: value for key, value in config.items() if value is not None and value != ""}


def _number(field: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{field}: must be a number") from error


def _params(named: Mapping[str, Any]) -> CaptionParams:
    return CaptionParams.model_validate(dict(named), strict=False)
