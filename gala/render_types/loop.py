"""``loop``: repeat a video."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gala.media import MAX_DURATION_MS, AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class LoopParams(VideoParams):
    """Params of a loop."""

    count: int | None = Field(
        default=None, ge=1, le=1000, description="Number of times the video is played, 1 to 1000."
    )
    duration: Seconds | None = Field(
        default=None,
        description="Length of the result, as seconds or a timecode; instead of `count`.",
        examples=[7],
    )

    @model_validator(mode="after")
    def _check_one_is_set(self) -> Self:
        if (self.count is None) == (self.duration is None):
            raise ValueError("count, duration: set exactly one of them")
        if self.duration is not None and not 0.1 <= self.duration <= MAX_DURATION_MS / 1000:
            raise ValueError(f"duration: must be 0.1 to {MAX_DURATION_MS // 1000} seconds")
        return self


TYPE = RenderType(
    name="loop",
    summary="Repeat a video a number of times or up to a length.",
    params=LoopParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    takes_format=False,
    example={"count": 2},
    example_inputs={"video": ("video",)},
)
