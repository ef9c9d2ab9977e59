"""``preview``: a small animated picture for web pages and chats."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.timecodes import Seconds


class PreviewFormat(StrEnum):
    """File format of a preview."""

    GIF = "gif"
    WEBP = "webp"


class PreviewParams(TypeParams):
    """Params of a moving preview."""

    preview_format: Annotated[PreviewFormat, Field(strict=False)] = Field(
        default=PreviewFormat.GIF,
        description="`gif` is supported everywhere; `webp` is smaller and has all colors.",
    )
    start: Seconds = Field(
        default=0.0, description="Start in the video: seconds or a timecode; 0 by default."
    )
    duration: Annotated[float, Field(ge=0.1, le=30)] = Field(
        default=3.0, description="Length in seconds, 0.1 to 30; at most up to the video's end."
    )
    fps: int = Field(default=12, ge=1, le=30, description="Frames per second, 1 to 30.")
    width: int = Field(
        default=320,
        ge=32,
        le=960,
        description="Width in pixels, 32 to 960, at most the video's; the height is proportional.",
    )


TYPE = RenderType(
    name="preview",
    summary="A short animated preview of a video, as GIF or animated WebP.",
    params=PreviewParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("preview", AssetKind.THUMBNAIL, "image/gif", also=("image/webp",)),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example={"duration": 1.5, "width": 160},
    example_inputs={"video": ("video",)},
)
