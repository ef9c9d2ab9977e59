"""``concatenate``: join clips, by copying if their formats match, else on one canvas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Fit
from gala.render_types.params.video_encoding import VideoParams


class Transition(StrEnum):
    """Transition from one clip to the next."""

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
            "How clips of another aspect ratio fill the frame: `contain` adds black bars, `cover`"
            " crops, `blur` puts the whole clip in front of a blurred copy."
        ),
    )
    transition: Annotated[Transition, Field(strict=False)] = Field(
        default=Transition.NONE,
        description=(
            "`none` is a hard cut. With `crossfade`, `fade-black`, `slide` and `wipe` the clips"
            " overlap, so each transition shortens the result by its length."
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
        description="How long a still picture is shown, in seconds, 0.1 to 600.",
        examples=[2],
    )


TYPE = RenderType(
    name="concatenate",
    summary="Join clips: copied if their formats match, else re-encoded to fit the first one.",
    params=ConcatenateParams,
    inputs={
        "clips": InputSpec(
            "Videos and pictures in playing order.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
            many=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"transition": "crossfade", "transition_seconds": 0.4},
    example_inputs={"clips": ("video", "other_video")},
)
