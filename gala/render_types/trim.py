"""``trim``: keep one part of a video or audio file, exact to the frame."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class TrimMode(StrEnum):
    """Precision of the cuts."""

    EXACT = "exact"
    KEYFRAME = "keyframe"


class TrimParams(VideoParams):
    """Params of a trim."""

    start: Seconds = Field(
        default=0.0,
        description=(
            "Start of the part: seconds or a timecode; by default the start of the file. Cuts fall"
            " on the nearest frame."
        ),
        examples=["0:05"],
    )
    end: Seconds | None = Field(
        default=None,
        description="End of the part: seconds or a timecode; by default the end of the file.",
        examples=["0:15"],
    )
    duration: Seconds | None = Field(
        default=None,
        description="Length of the part, instead of `end`: seconds or a timecode.",
        examples=[10],
    )
    mode: Annotated[TrimMode, Field(strict=False)] = Field(
        default=TrimMode.EXACT,
        description=(
            "`exact` is exact to the frame; only the frames around the cuts are re-encoded where"
            " possible. `keyframe` copies everything and starts at the last key frame at or"
            " before `start`."
        ),
    )

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        if self.end is not None and self.duration is not None:
            raise ValueError("end: set end or duration, not both")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be later than start")
        if self.duration is not None and self.duration <= 0:
            raise ValueError("duration: must be more than 0 seconds")
        return self

    @property
    def stop(self) -> float | None:
        """The end in seconds; None for the end of the file."""
        return self.end if self.duration is None else self.start + self.duration


TYPE = RenderType(
    name="trim",
    summary="Keep one part of a video or audio file, exact to the frame; most of it is copied.",
    params=TrimParams,
    inputs={
        "media": InputSpec(
            "The video or audio to trim.",
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
