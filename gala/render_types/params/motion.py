"""How a picture that stands still is brought to move."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.render_types.base import TypeParams


class Effect(StrEnum):
    """What the camera does before the picture."""

    STILL = "still"
    KEN_BURNS = "ken_burns"
    PAN = "pan"


class Direction(StrEnum):
    """Where the camera goes: the first three are of ``ken_burns``, the others of ``pan``."""

    ZOOM_TO_TOP = "zoom-to-top"
    ZOOM_TO_CENTER = "zoom-to-center"
    ZOOM_TO_TOP_LEFT = "zoom-to-top-left"
    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"
    TOP_TO_BOTTOM = "top-to-bottom"
    BOTTOM_TO_TOP = "bottom-to-top"


class Speed(StrEnum):
    """How fast a pan goes: 2, 4 or 8 % of the frame's side a second."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


ZOOMS = (Direction.ZOOM_TO_TOP, Direction.ZOOM_TO_CENTER, Direction.ZOOM_TO_TOP_LEFT)


class Motion(TypeParams):
    """A camera's way over a picture: without jitter, at constant speed from first to last frame."""

    effect: Annotated[Effect, Field(strict=False)] = Field(
        default=Effect.KEN_BURNS,
        description="`still`, `ken_burns` (slowly nearer) or `pan` (slowly past).",
    )
    zoom_factor: float = Field(
        default=0.001,
        ge=0.0001,
        le=0.01,
        description=(
            "Of `ken_burns`: how much nearer per frame, as a part of the whole (at 30 frames a"
            " second 0.001 is 3 % a second); slowed down where it would pass 1.5 times in the end."
        ),
    )
    direction: Annotated[Direction, Field(strict=False)] | None = Field(
        default=None,
        description=(
            "Of `ken_burns`: `zoom-to-center` (default), `zoom-to-top`, `zoom-to-top-left`. Of"
            " `pan`: `left-to-right` (default), `right-to-left`, `top-to-bottom`, `bottom-to-top`."
        ),
    )
    speed: Annotated[Speed, Field(strict=False)] = Field(
        default=Speed.NORMAL,
        description=(
            "Of `pan`: `slow`, `normal` or `fast` (2, 4, 8 % of the side a second); slowed down"
            " where the picture would come to its end."
        ),
    )

    @model_validator(mode="after")
    def _direction_fits(self) -> Self:
        if self.direction is None or self.effect is Effect.STILL:
            return self
        if (self.direction in ZOOMS) != (self.effect is Effect.KEN_BURNS):
            raise ValueError(f"direction: {self.effect} does not go {self.direction}")
        return self

    @property
    def way(self) -> Direction:
        """Its direction, or the effect's usual one."""
        if self.direction is not None:
            return self.direction
        zooms = self.effect is Effect.KEN_BURNS
        return Direction.ZOOM_TO_CENTER if zooms else Direction.LEFT_TO_RIGHT
