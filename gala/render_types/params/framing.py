"""Where on the frame something is, and how a picture of another shape comes into it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MAX_SIDE

Side = Annotated[int, Field(ge=16, le=MAX_SIDE, multiple_of=2)]
"""Pixels, even, because colour is stored at half the resolution."""


class Fit(StrEnum):
    """How a picture of another shape comes into the frame; it is never stretched."""

    CONTAIN = "contain"
    COVER = "cover"
    BLUR = "blur"


class Anchor(StrEnum):
    """A place on the frame, by name."""

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
        """How far to the right and down, 0 to 1."""
        words = self.value.split("-")
        across = 0.0 if "left" in words else 1.0 if "right" in words else 0.5
        down = 0.0 if "top" in words else 1.0 if "bottom" in words else 0.5
        return across, down


Part = Annotated[float, Field(ge=0, le=1)]
"""A part of a side of the frame."""
