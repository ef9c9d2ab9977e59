"""``speed``: a video faster or slower, its sound at the same pitch."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.video_encoding import VideoParams


class SpeedParams(VideoParams):
    """Params of a change of speed."""

    factor: float = Field(
        ge=0.25,
        le=8,
        description="How many times as fast, 0.25 to 8; the frame rate stays as it is.",
        examples=[2],
    )


TYPE = RenderType(
    name="speed",
    summary="A video faster or slower; voices keep their pitch.",
    params=SpeedParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    takes_format=False,
    example={"factor": 2},
    example_inputs={"video": ("video",)},
)
