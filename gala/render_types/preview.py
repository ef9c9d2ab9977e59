"""``preview``: a small picture that moves, for pages and chats."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.timecodes import Seconds


class PreviewFormat(StrEnum):
    """What it is written as."""

    GIF = "gif"
    WEBP = "webp"


class PreviewParams(TypeParams):
    """Params of a moving preview."""

    preview_format: Annotated[PreviewFormat, Field(strict=False)] = Field(
        default=PreviewFormat.GIF,
        description="`gif` is shown everywhere; `webp` is smaller and has all colours.",
    )
    start: Seconds = Field(
        default=0.0, description="Where it begins, in seconds or as a timecode; 0 by default."
    )
    duration: Annotated[float, Field(ge=0.1, le=30)] = Field(
        default=3.0, description="How long it is, in seconds, 0.1 to 30, or up to the video's end."
    )
    fps: int = Field(default=12, ge=1, le=30, description="Frames a second, 1 to 30.")
    width: int = Field(
        default=320,
        ge=32,
        le=960,
        description="Width in pixels, 32 to 960; never more than the video's. The height follows.",
    )


TYPE = RenderType(
    name="preview",
    summary="A short moving preview of a video, as GIF or animated WebP.",
    params=PreviewParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("preview", AssetKind.THUMBNAIL, "image/gif", also=("image/webp",)),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example={"duration": 1.5, "width": 160},
    example_inputs={"video": ("video",)},
)
