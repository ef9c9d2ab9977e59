"""Animations in the format Lottie."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from gala.timeline.document.placement import ObjectFit, VisibleParams
from gala.timeline.document.values import Name, Source


class LottieElement(VisibleParams):
    """An animation in the format Lottie (JSON or dotLottie), drawn by parts of a frame."""

    type: Literal["lottie"]
    src: Source
    fit: Annotated[ObjectFit, Field(strict=False)] = Field(
        default=ObjectFit.CONTAIN, description="How it fits its box: `contain`, `cover` or `fill`."
    )
    animation: Name | None = Field(
        default=None,
        description="With a dotLottie file (`.lottie`): id of the animation; by default that with"
        " which the file says to start, else the first one.",
    )
    speed: float = Field(default=1.0, ge=0.1, le=10, description="Speed, 0.1 to 10.")
    loop: bool = Field(
        default=False,
        description="Whether it repeats until its `duration` is over, by default to the end; else"
        " its last frame stays.",
    )

    @property
    def key(self) -> str:
        """Identifies the animation among those of all files: a dotLottie file has several."""
        return animation_key(self.src, self.animation)


_BETWEEN: Final = "\x00"
"""Neither names nor sources have it."""


def animation_key(source: str, animation: str | None) -> str:
    """Return what identifies an animation of a file."""
    return source if animation is None else f"{source}{_BETWEEN}{animation}"


def source_of(key: str) -> str:
    """Return the file of an animation, or of any other element whose ``src`` is given."""
    return key.partition(_BETWEEN)[0]
