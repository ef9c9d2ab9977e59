"""``speed``: play a video faster or slower, with its audio at the same pitch."""

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
        description="Speed factor, 0.25 to 8; the frame rate is not changed.",
        examples=[2],
    )


TYPE = RenderType(
    name="speed",
    summary="Play a video faster or slower; voices keep their pitch.",
    params=SpeedParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    takes_format=False,
    example={"factor": 2},
    example_inputs={"video": ("video",)},
)
