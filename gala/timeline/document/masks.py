"""Masks: what of an element is seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.text_style import Text
from gala.timeline.document.easing import Easing
from gala.timeline.document.movement import EasingField, KeyTimeField, check_pairs
from gala.timeline.document.texts import FontName
from gala.timeline.document.values import Percent, Source
from gala.timeline.problems import broken_rule


class MaskShape(StrEnum):
    """Shapes of masks."""

    CIRCLE = "circle"
    ELLIPSE = "ellipse"
    ROUNDED = "rounded"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    HEXAGON = "hexagon"
    STAR = "star"
    HEART = "heart"


MASK_VALUES: Final = ("x", "y", "scale", "rotation")


class MaskKeyframe(TypeParams):
    """Where a mask is at a time; between two keyframes it moves smoothly."""

    time: KeyTimeField
    x: Percent | None = Field(default=None, ge=-5, le=6, description="As `x` of the mask.")
    y: Percent | None = Field(default=None, ge=-5, le=6, description="As `y` of the mask.")
    scale: float | None = Field(default=None, ge=0, le=20, description="Size; 1 is normal.")
    rotation: float | None = Field(
        default=None, ge=-3600, le=3600, description="Degrees, clockwise."
    )
    easing: EasingField = Easing.EASE_IN_OUT

    @property
    def values(self) -> dict[str, float]:
        """The values that this keyframe sets, by name."""
        named = {name: getattr(self, name) for name in MASK_VALUES}
        return {name: value for name, value in named.items() if value is not None}

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if not self.values:
            raise broken_rule(
                "A keyframe sets at least one value.", f"Add one of {', '.join(MASK_VALUES)}."
            )
        return self


class MaskParams(TypeParams):
    """A mask over the box of an element: a shape, a picture, or a text."""

    shape: Annotated[MaskShape, Field(strict=False)] | None = Field(
        default=None, description="A shape: " + ", ".join(f"`{one}`" for one in MaskShape) + "."
    )
    src: Source | None = Field(
        default=None, description="Instead of a shape: a picture, as large as the box."
    )
    mode: Literal["alpha", "luma"] | None = Field(
        default=None,
        description="With `src`: what is opaque (`alpha`) or bright (`luma`) is seen; by default"
        " `alpha` if the picture has any.",
    )
    text: Text | None = Field(
        default=None, description="Instead of a shape: letters, as large as fit into the box."
    )
    font: FontName | None = Field(default=None, description="With `text`: font name.")
    bold: bool = Field(default=True, description="With `text`: whether it is bold.")
    radius: Percent = Field(
        default=0.15, ge=0, le=0.5, description="`rounded`: corner radius, of the shorter side."
    )
    feather: Percent = Field(
        default=0.0, ge=0, le=0.5, description="How softly it ends, of the box's shorter side."
    )
    invert: bool = Field(default=False, description="Whether the rest of the box is seen.")

    x: Percent = Field(
        default=0.5, ge=-5, le=6, description="Where its center is, of the box's width."
    )
    y: Percent = Field(
        default=0.5, ge=-5, le=6, description="Where its center is, of the box's height."
    )
    scale: float = Field(default=1.0, ge=0, le=20, description="Size; 1 is that of the box.")
    rotation: float = Field(default=0.0, ge=-3600, le=3600, description="Degrees, clockwise.")
    keyframes: tuple[MaskKeyframe, ...] = Field(
        default=(),
        strict=False,
        max_length=200,
        description="`x`, `y`, `scale` and `rotation` over time, within the box of the element,"
        " with which the mask moves anyhow.",
        examples=[[{"time": 0, "scale": 0}, {"time": 1, "scale": 2}]],
    )

    @property
    def largest_scale(self) -> float:
        """The largest size that it ever has."""
        scales = [frame.scale for frame in self.keyframes if frame.scale is not None]
        return max(scales, default=self.scale)

    @property
    def is_moved(self) -> bool:
        """Return True if it is not simply as large as its box."""
        usual = (self.x, self.y, self.scale, self.rotation) == (0.5, 0.5, 1.0, 0.0)
        return bool(self.keyframes) or not usual

    @model_validator(mode="after")
    def _values_move(self) -> Self:
        check_pairs(self.keyframes)
        return self

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("shape", "src", "text") if getattr(self, name) is not None]
        if len(given) != 1:
            raise broken_rule(
                "A mask is a shape, a picture or a text.",
                'Give one of "shape", "src" and "text".',
                given[1] if given else "",
            )
        return self


def _as_shape(value: object) -> object:
    return {"shape": value} if isinstance(value, str) else value


MaskField = Annotated[
    MaskParams,
    BeforeValidator(_as_shape, json_schema_input_type=MaskShape | MaskParams),
    Field(
        description="What of its box is seen: a shape, such as `circle` or `star`; or an object"
        " with `shape`, `src` (a picture) or `text`.",
        examples=["circle", {"text": "SEA"}],
    ),
]
