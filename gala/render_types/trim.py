"""``trim``: one part of a video or a sound, exact to the frame."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class TrimMode(StrEnum):
    """How exact a cut is."""

    EXACT = "exact"
    KEYFRAME = "keyframe"


class TrimParams(VideoParams):
    """Params of a trim."""

    start: Seconds = Field(
        default=0.0,
        description=(
            "Where the part begins: seconds or a timecode, by default the start of the file. Cuts"
            " fall on the nearest frame."
        ),
        examples=["0:05"],
    )
    end: Seconds | None = Field(
        default=None,
        description="Where the part ends; by default, and at most, the end of the file.",
        examples=["0:15"],
    )
    duration: Seconds | None = Field(
        default=None,
        description="How long the part is, instead of `end`, in seconds or as a timecode.",
        examples=[10],
    )
    mode: Annotated[TrimMode, Field(strict=False)] = Field(
        default=TrimMode.EXACT,
        description=(
            "`exact` to the frame: copied where it can be, with only the frames around the cuts"
            " encoded anew; `keyframe` copies everything and begins at a key frame at or before"
            " `start`."
        ),
    )

    @model_validator(mode="after")
    def _one_end_after_the_start(self) -> Self:
        if self.end is not None and self.duration is not None:
            raise ValueError("end: give end or duration, not both")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be later than start")
        if self.duration is not None and self.duration <= 0:
            raise ValueError("duration: must be more than 0 seconds")
        return self

    @property
    def stop(self) -> float | None:
        """Where it ends in seconds, if that was said."""
        return self.end if self.duration is None else self.start + self.duration


TYPE = RenderType(
    name="trim",
    summary="One part of a video or a sound, exact to the frame, with most of it copied.",
    params=TrimParams,
    inputs={
        "media": InputSpec(
            "The video or sound to trim.",
            frozenset({MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(
        OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4", required=False),
        OutputSpec("audio", AssetKind.RENDER_OUTPUT, "audio/mp4", required=False),
    ),
    takes_format=False,
    example={"start": 0.5, "end": "0:02.5"},
    example_inputs={"media": ("video",)},
)
