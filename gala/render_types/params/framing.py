"""Positions on the frame, and how pictures of another aspect ratio fill it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MAX_SIDE

Side = Annotated[int, Field(ge=16, le=MAX_SIDE, multiple_of=2)]
"""Pixels; even, because color is stored at half the resolution."""


class Fit(StrEnum):
    """How a picture of another aspect ratio fills the frame; it is never stretched."""

    CONTAIN = "contain"
    COVER = "cover"
    BLUR = "blur"


class Anchor(StrEnum):
    """A named position on the frame."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def parts(self) -> tuple[float, float]:
        """Horizontal and vertical position, 0 (left, top) to 1 (right, bottom)."""
        sides = self.value.split("-")
        across = 0.0 if "left" in sides else 1.0 if "right" in sides else 0.5
        down = 0.0 if "top" in sides else 1.0 if "bottom" in sides else 0.5
        return across, down


Part = Annotated[float, Field(ge=0, le=1)]
"""A fraction of a side of the frame."""
