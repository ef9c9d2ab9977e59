"""Animations in the format Lottie."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gala.timeline.document.placement import ObjectFit, VisibleParams
from gala.timeline.document.values import Source


class LottieElement(VisibleParams):
    """An animation in the format Lottie (JSON), drawn by parts of a frame."""

    type: Literal["lottie"]
    src: Source
    fit: Annotated[ObjectFit, Field(strict=False)] = Field(
        default=ObjectFit.CONTAIN, description="How it fits its box: `contain`, `cover` or `fill`."
    )
    speed: float = Field(default=1.0, ge=0.1, le=10, description="Speed, 0.1 to 10.")
    loop: bool = Field(
        default=False,
        description="Whether it repeats until its `duration` is over, by default to the end; else"
        " its last frame stays.",
    )
