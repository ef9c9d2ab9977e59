"""Masks: what of an element is seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.text_style import Text
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
