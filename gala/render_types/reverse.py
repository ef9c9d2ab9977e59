"""``reverse``: play a video backwards."""

from __future__ import annotations

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.video_encoding import VideoParams


class ReverseParams(VideoParams):
    """Params of a reversal."""

    sound: bool = Field(default=True, description="Whether to keep the audio, reversed as well.")


TYPE = RenderType(
    name="reverse",
    summary="Play a video backwards; works for any length with little memory.",
    params=ReverseParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    takes_format=False,
    example={},
    example_inputs={"video": ("video",)},
)
