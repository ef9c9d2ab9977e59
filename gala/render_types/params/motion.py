"""Camera motion over still pictures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.render_types.base import TypeParams


class Effect(StrEnum):
    """Kind of camera motion."""

    STILL = "still"
    KEN_BURNS = "ken_burns"
    PAN = "pan"


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


ZOOMS = (Direction.ZOOM_TO_TOP, Direction.ZOOM_TO_CENTER, Direction.ZOOM_TO_TOP_LEFT)


class Motion(TypeParams):
    """Camera motion over a picture, at constant speed from the first to the last frame."""

    effect: Annotated[Effect, Field(strict=False)] = Field(
        default=Effect.KEN_BURNS,
        description="`still`, `ken_burns` (slow zoom) or `pan` (slow sideways move).",
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
        if self.direction is None or self.effect is Effect.STILL:
            return self
        if (self.direction in ZOOMS) != (self.effect is Effect.KEN_BURNS):
            raise ValueError(f"direction: {self.direction} is not a direction of {self.effect}")
        return self

    @property
    def way(self) -> Direction:
        """The direction, or the effect's default."""
        if self.direction is not None:
            return self.direction
        zooms = self.effect is Effect.KEN_BURNS
        return Direction.ZOOM_TO_CENTER if zooms else Direction.LEFT_TO_RIGHT
