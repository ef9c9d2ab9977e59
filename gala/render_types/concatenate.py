"""``concatenate``: clips one after the other, copied if they agree, else on one canvas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Fit
from gala.render_types.params.video_encoding import VideoParams


class Transition(StrEnum):
    """How one clip gives way to the next."""

    NONE = "none"
    CROSSFADE = "crossfade"
    FADE_BLACK = "fade-black"
    SLIDE = "slide"
    WIPE = "wipe"


class ConcatenateParams(VideoParams):
    """Params of a concatenation."""

    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description=(
            "How clips of another shape come into the frame: `contain` with black bars, `cover`"
            " cropped, `blur` whole before a blurred copy."
        ),
    )
    transition: Annotated[Transition, Field(strict=False)] = Field(
        default=Transition.NONE,
        description=(
            "`none` cuts hard; `crossfade`, `fade-black`, `slide` and `wipe` let the clips overlap,"
            " so that the whole is shorter by the length of each transition."
        ),
    )
    transition_seconds: float = Field(
        default=0.5,
        ge=0.1,
        le=5,
        description="Length of a transition in seconds, 0.1 to 5; at most half the shortest clip.",
        examples=[0.4],
    )
    still_seconds: float = Field(
        default=5.0,
        ge=0.1,
        le=600,
        description="How long a picture that stands still is shown, in seconds, 0.1 to 600.",
        examples=[2],
    )


TYPE = RenderType(
    name="concatenate",
    summary="Clips one after the other: copied if they agree, else on the first one's canvas.",
    params=ConcatenateParams,
    inputs={
        "clips": InputSpec(
            "Videos and pictures, in this order.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
            many=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"transition": "crossfade", "transition_seconds": 0.4},
    example_inputs={"clips": ("video", "other_video")},
)
