"""The look of pictures: color filters, LUTs, chroma keys, and how layers are blended."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color


class BlendMode(StrEnum):
    """How an element is mixed with what is below it; the names are those of CSS, and ``add``."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    DARKEN = "darken"
    LIGHTEN = "lighten"
    COLOR_DODGE = "color-dodge"
    COLOR_BURN = "color-burn"
    HARD_LIGHT = "hard-light"
    SOFT_LIGHT = "soft-light"
    DIFFERENCE = "difference"
    EXCLUSION = "exclusion"
    ADD = "add"


BlendField = Annotated[
    BlendMode,
    Field(
        strict=False,
        description="How it is mixed with what is below it: "
        + ", ".join(f"`{mode}`" for mode in BlendMode)
        + ".",
    ),
]


class ColorFilters(TypeParams):
    """Filters as in CSS, applied in this order."""

    brightness: float = Field(default=1.0, ge=0, le=4, description="1 is unchanged, 0 black.")
    contrast: float = Field(default=1.0, ge=0, le=4, description="1 is unchanged, 0 gray.")
    saturation: float = Field(default=1.0, ge=0, le=4, description="1 is unchanged, 0 no color.")
    hue: float = Field(default=0.0, ge=-360, le=360, description="Degrees by which hues turn.")
    grayscale: float = Field(default=0.0, ge=0, le=1, description="0 is unchanged, 1 no color.")
    sepia: float = Field(default=0.0, ge=0, le=1, description="0 is unchanged, 1 all sepia.")
    invert: float = Field(default=0.0, ge=0, le=1, description="0 is unchanged, 1 a negative.")


class ChromaKey(TypeParams):
    """A color that becomes transparent, such as that of a green screen."""

    color: Color = Field(default="#00ff00", description="The color.")
    similarity: float = Field(
        default=0.1, ge=0.01, le=1, description="How far from it colors are transparent, too."
    )
    blend: float = Field(
        default=0.06, ge=0, le=1, description="How gradually others become opaque; 0 is at once."
    )
    spill: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="How much of the light that a green or blue screen casts is removed, 0 to 1.",
    )
