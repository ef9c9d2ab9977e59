"""``cut``: keep or remove several parts of a video or audio file, exact to the frame."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams

MAX_RANGES = 500


class CutMode(StrEnum):
    """What to do with the ranges."""

    KEEP = "keep"
    REMOVE = "remove"


class Range(TypeParams):
    """A part of the file."""

    start: Seconds = Field(
        default=0.0, description="Start of the part: seconds or a timecode; by default 0."
    )
    end: Seconds | None = Field(
        default=None,
        description="End of the part: seconds or a timecode; by default the end of the file.",
    )

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError("end: must be later than start")
        return self


class CutParams(VideoParams):
    """Params of a cut."""

    ranges: Annotated[tuple[Range, ...], Field(strict=False)] = Field(
        min_length=1,
        max_length=MAX_RANGES,
        description=(
            f"Parts of the file, 1 to {MAX_RANGES}. Kept parts are joined in this order and may"
            " overlap or repeat. Cuts fall on the nearest frame."
        ),
        examples=[[{"start": 0, "end": 1.5}, {"start": "0:02"}]],
    )
    mode: Annotated[CutMode, Field(strict=False)] = Field(
        default=CutMode.KEEP, description="`keep` these parts, or `remove` them and keep the rest."
    )


TYPE = RenderType(
    name="cut",
    summary="Keep or remove several parts of a video or audio file, exact to the frame.",
    params=CutParams,
    inputs={
        "media": InputSpec(
            "The video or audio to cut.",
            frozenset({MediaClass.VIDEO, MediaClass.AUDIO}),
            required=True,
        ),
    },
    outputs=(
        OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4", required=False),
        OutputSpec("audio", AssetKind.RENDER_OUTPUT, "audio/mp4", required=False),
    ),
    takes_format=False,
    example={"ranges": [{"start": 0.5, "end": 1.2}], "mode": "remove"},
    example_inputs={"media": ("video",)},
)
