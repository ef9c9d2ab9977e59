"""Camera motion over still pictures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from gala.render_types.base import TypeParams


class MotionName(StrEnum):
    """Camera motion over a picture or video: one list of names for all films."""

    NONE = "none"
    KEN_BURNS = "ken-burns"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    PAN_UP = "pan-up"
    PAN_DOWN = "pan-down"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Return the motion of a name of :class:`Effect`."""
        named = {"still": cls.NONE, "ken_burns": cls.KEN_BURNS, "pan": cls.PAN_RIGHT}
        return named.get(str(value))


class Effect(StrEnum):
    """Kind of camera motion; ``pan`` and ``ken_burns`` have directions of their own."""

    STILL = "still"
    KEN_BURNS = "ken_burns"
    PAN = "pan"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    PAN_UP = "pan-up"
    PAN_DOWN = "pan-down"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Return the effect of a name of :class:`MotionName`."""
        named = {"none": cls.STILL, "ken-burns": cls.KEN_BURNS}
        return named.get(str(value))


class Direction(StrEnum):
    """Direction of the motion: the first three for ``ken_burns``, the others for ``pan``."""

    ZOOM_TO_TOP = "zoom-to-top"
    ZOOM_TO_CENTER = "zoom-to-center"
    ZOOM_TO_TOP_LEFT = "zoom-to-top-left"
    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"
    TOP_TO_BOTTOM = "top-to-bottom"
    BOTTOM_TO_TOP = "bottom-to-top"


class Speed(StrEnum):
    """Speed of a pan: 2, 4 or 8 % of the frame's side per second."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


_DIRECTIONS: Final = {
    Effect.PAN_LEFT: Direction.RIGHT_TO_LEFT,
    Effect.PAN_RIGHT: Direction.LEFT_TO_RIGHT,
    Effect.PAN_UP: Direction.BOTTOM_TO_TOP,
    Effect.PAN_DOWN: Direction.TOP_TO_BOTTOM,
    Effect.PAN: Direction.LEFT_TO_RIGHT,
}
_ZOOMING: Final = frozenset({Effect.KEN_BURNS, Effect.ZOOM_IN, Effect.ZOOM_OUT})
ZOOMS = (Direction.ZOOM_TO_TOP, Direction.ZOOM_TO_CENTER, Direction.ZOOM_TO_TOP_LEFT)


class Motion(TypeParams):
    """Camera motion over a picture, at constant speed from the first to the last frame."""

    effect: Annotated[Effect, Field(strict=False)] = Field(
        default=Effect.KEN_BURNS,
        description=(
            "As in timelines `none`, `ken-burns`, `zoom-in`, `zoom-out`, `pan-left`, `pan-right`,"
            " `pan-up`, `pan-down`; or `still`, `ken_burns` (slow zoom), `pan` (sideways)."
        ),
    )
    zoom_factor: float = Field(
        default=0.001,
        ge=0.0001,
        le=0.01,
        description=(
            "For `ken_burns`: zoom per frame as a fraction (at 30 frames per second 0.001 is 3 %"
            " per second); reduced if the zoom would exceed 1.5 at the end."
        ),
    )
    direction: Annotated[Direction, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "For `ken_burns`: `zoom-to-center` (default), `zoom-to-top`, `zoom-to-top-left`. For"
            " `pan`: `left-to-right` (default), `right-to-left`, `top-to-bottom`, `bottom-to-top`."
        ),
    )
    speed: Annotated[Speed, Field(strict=False)] = Field(
        default=Speed.NORMAL,
        description=(
            "For `pan`: `slow`, `normal` or `fast` (2, 4, 8 % of the side per second); reduced if"
            " the picture would end before the video."
        ),
    )

    @model_validator(mode="after")
    def _check_direction(self) -> Self:
        if self.direction is None or self.is_still:
            return self
        if self.effect not in {Effect.KEN_BURNS, Effect.PAN}:
            raise ValueError(f"direction: {self.effect} has a direction of its own; leave this out")
        if (self.direction in ZOOMS) != (self.effect is Effect.KEN_BURNS):
            raise ValueError(f"direction: {self.direction} is not a direction of {self.effect}")
        return self

    @property
    def is_still(self) -> bool:
        """Whether there is no motion."""
        return self.effect is Effect.STILL

    @property
    def is_zoom(self) -> bool:
        """Whether it comes nearer or goes away."""
        return self.effect in _ZOOMING

    @property
    def way(self) -> Direction:
        """The direction, or the effect's own."""
        return self.direction or _DIRECTIONS.get(self.effect, Direction.ZOOM_TO_CENTER)


def _as_object(value: object) -> object:
    return {"effect": value} if isinstance(value, str) else value


MotionField = Annotated[
    Motion, BeforeValidator(_as_object, json_schema_input_type=MotionName | Motion)
]
"""A motion, or its name."""
