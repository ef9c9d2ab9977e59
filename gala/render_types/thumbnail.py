"""``thumbnail``: one representative frame of a video, or a picture made smaller."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.frames import PictureFormat
from gala.render_types.params.timecodes import Seconds


class ThumbnailParams(TypeParams):
    """Params of a thumbnail."""

    timestamp: Seconds | None = Field(
        default=None,
        description=(
            "Time of the frame: seconds or a timecode; past the end: 0.3 s before the end. By"
            " default the most representative of several frames."
        ),
        examples=[1.5],
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=4096,
        description="Width in pixels, at most the source's; the height is proportional.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` (lossless)."
    )


TYPE = RenderType(
    name="thumbnail",
    summary="One frame of a video, at a time or the most representative; or a smaller picture.",
    params=ThumbnailParams,
    inputs={
        "video": InputSpec(
            "The video, or a picture.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
        )
    },
    outputs=(OutputSpec("thumbnail", AssetKind.THUMBNAIL, "image/jpeg", also=("image/png",)),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example={"timestamp": 1.5},
    example_inputs={"video": ("video",)},
)
