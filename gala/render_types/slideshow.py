"""``slideshow``: show pictures one after the other, still or moving."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Fit
from gala.render_types.params.motion import MotionField
from gala.render_types.params.transitions import TransitionName
from gala.render_types.params.video_encoding import CappedParams

MAX_PICTURES = 100


class SlideshowParams(CappedParams):
    """Params of a slideshow."""

    seconds_each: float = Field(
        default=3.0,
        ge=0.2,
        le=60,
        description="Seconds each picture is shown, including its transition, 0.2 to 60.",
        examples=[1.0],
    )
    transition: Annotated[TransitionName, Field(strict=False)] = Field(
        default=TransitionName.FADE,
        description="Transition between two pictures; those of timelines.",
    )
    transition_seconds: float = Field(
        default=0.5,
        ge=0.05,
        le=5,
        description="Length of a transition in seconds; at most half of `seconds_each`.",
    )
    motion: MotionField | None = Field(
        default=None,
        description="Motion of the pictures: a name, as in timelines, or an object.",
    )
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.COVER,
        description=(
            "`cover` fills the frame and crops, `contain` adds bars, `blur` puts the whole picture"
            " in front of a blurred copy. Pictures with motion always cover."
        ),
    )
    color: Color = Field(
        default="#000000",
        description="Color of the bars of `contain`, and behind what is transparent.",
    )
    music_volume_db: float = Field(
        default=0.0, ge=-40, le=6, description="Change of the music's volume in decibels."
    )

    @model_validator(mode="after")
    def _check_transition(self) -> Self:
        if self.transition is TransitionName.NONE:
            return self
        if self.transition_seconds > self.seconds_each / 2:
            raise ValueError("transition_seconds: must be at most half of seconds_each")
        return self


TYPE = RenderType(
    name="slideshow",
    summary="Show pictures one after the other, with transitions, motion and music.",
    params=SlideshowParams,
    inputs={
        "pictures": InputSpec(
            f"The pictures in order, 1 to {MAX_PICTURES}.",
            frozenset({MediaClass.IMAGE}),
            required=True,
            many=True,
        ),
        "music": InputSpec(
            "Music; repeated or cut to the length, faded in and out.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    format=Format(width=1080, height=1920, fps=30),
    example={
        "seconds_each": 0.5,
        "transition_seconds": 0.2,
        "motion": {"effect": "ken_burns"},
        "quality": "draft",
    },
    example_inputs={"pictures": ("picture", "other_picture"), "music": ("song",)},
)
