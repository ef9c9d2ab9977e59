"""Where elements are on the frame, how large they are, and how they appear."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.framing import Anchor
from gala.timeline.document.looks import BlendField, BlendMode, ChromaKey, ColorFilters
from gala.timeline.document.masks import MaskField
from gala.timeline.document.movement import (
    Keyframe,
    MotionField,
    TransitionField,
    check_pairs,
)
from gala.timeline.document.timing import TimedParams
from gala.timeline.document.values import Percent, Seconds, Source
from gala.timeline.problems import broken_rule

Word = Annotated[Anchor, Field(strict=False)]


class ObjectFit(StrEnum):
    """How a picture of another aspect ratio fits its box; the names are those of CSS."""

    COVER = "cover"
    CONTAIN = "contain"
    FILL = "fill"
    NONE = "none"
    BLUR = "blur"


class MovedParams(TypeParams):
    """Base of elements with keyframes."""

    keyframes: tuple[Keyframe, ...] = Field(
        default=(),
        strict=False,
        max_length=200,
        description=(
            "Values over time: between two keyframes that set a value it changes smoothly, before"
            " the first and after the last it stays."
        ),
        examples=[[{"time": 0, "opacity": 0}, {"time": 1, "opacity": 1}]],
    )
    fade_in: Seconds = Field(
        default=0.0, description="Seconds in which picture and sound fade in at the start."
    )
    fade_out: Seconds = Field(
        default=0.0, description="Seconds in which picture and sound fade out at the end."
    )

    @model_validator(mode="after")
    def _values_move(self) -> Self:
        check_pairs(self.keyframes)
        return self


class ClipParams(TypeParams):
    """Base of elements that can take the place of the one before them with a transition."""

    transition: TransitionField = None


class VisibleParams(TimedParams, MovedParams, ClipParams):
    """Base of elements that are seen."""

    position: Word | None = Field(
        default=None,
        description=(
            "Where it is, `margin` away from the edges: `top-left`, `top`, `top-right`, `left`,"
            " `center`, `right`, `bottom-left`, `bottom`, `bottom-right`. By default `center`."
        ),
    )
    margin: Percent | None = Field(
        default=None,
        ge=0,
        le=0.5,
        description=(
            "With `position`: distance from the edges, of the frame's shorter side; by default the"
            " safe area for texts, 0% for all else."
        ),
    )
    x: Percent | None = Field(
        default=None,
        ge=-5,
        le=6,
        description="Instead of `position`: from the left, of the frame's width.",
        examples=["50%"],
    )
    y: Percent | None = Field(
        default=None,
        ge=-5,
        le=6,
        description="Instead of `position`: from the top, of the frame's height.",
        examples=["80%"],
    )
    anchor: Word | None = Field(
        default=None,
        description=(
            "With `x` and `y`: the point of the element that is there; by default `center`. It is"
            " also the point about which the element is scaled and rotated."
        ),
    )
    width: Percent | None = Field(
        default=None,
        gt=0,
        le=10,
        description="Width, of the frame's width. With one of `width` and `height`, the other"
        " follows from the content.",
        examples=["40%"],
    )
    height: Percent | None = Field(
        default=None, gt=0, le=10, description="Height, of the frame's height."
    )
    scale: float = Field(default=1.0, ge=0, le=20, description="Size; 1 is normal.")
    rotation: float = Field(default=0.0, ge=-3600, le=3600, description="Degrees, clockwise.")
    opacity: float = Field(default=1.0, ge=0, le=1, description="Opacity, 0 to 1.")
    blur: Percent = Field(
        default=0.0, ge=0, le=0.5, description="Blur radius, of the frame's shorter side."
    )
    blend: BlendField = BlendMode.NORMAL
    mask: MaskField | None = None

    @model_validator(mode="after")
    def _one_position(self) -> Self:
        if self.position is None:
            return self
        for name in ("x", "y", "anchor"):
            if getattr(self, name) is not None:
                raise broken_rule(
                    f"{name} is not combined with position.",
                    f"Leave position out, or {name}.",
                    name,
                )
        return self


class ColoredParams(TypeParams):
    """Base of elements whose colors can be changed."""

    filters: ColorFilters = Field(
        default=ColorFilters(),
        description="Filters of its colors: `brightness`, `contrast`, `saturation`, `hue`,"
        " `grayscale`, `sepia`, `invert`.",
        examples=[{"saturation": 1.3}],
    )
    lut: Source | None = Field(
        default=None, description="A look: a table of colors, as a file `.cube`; after `filters`."
    )
    lut_strength: float = Field(
        default=1.0, ge=0, le=1, description="How much of the look is mixed in, 0 to 1."
    )


class PicturedParams(VisibleParams, ColoredParams):
    """Base of elements that show a picture or a video."""

    fit: Annotated[ObjectFit, Field(strict=False)] = Field(
        default=ObjectFit.COVER,
        description=(
            "How it fits its box (the frame, or `width` and `height`): `cover` crops, `contain`"
            " shows all of it, `fill` stretches, `none` keeps its pixels, `blur` shows all of it in"
            " front of a blurred copy."
        ),
    )
    radius: Percent = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Corner radius, of its shorter side; 50% makes a circle of a square.",
    )
    motion: MotionField = None
    chroma_key: ChromaKey | None = Field(
        default=None,
        description="A color that becomes transparent: `{}` for a green screen, or with `color`,"
        " `similarity`, `blend`, `spill`.",
        examples=[{"color": "#00b140"}],
    )


class SoundingParams(TypeParams):
    """Base of elements that are heard."""

    volume: float = Field(
        default=1.0, ge=0, le=4, description="Volume, 0 to 4; 1 is unchanged, 0.5 is 6 dB less."
    )


class DuckedParams(SoundingParams):
    """Base of elements whose sound gives way to voices."""

    duck_db: float = Field(
        default=12.0,
        ge=0,
        le=60,
        description="By how many decibels its sound is lowered while a voice speaks.",
    )
