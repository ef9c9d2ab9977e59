"""``thumbnail``: one telling picture of a video or of a picture."""

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
            "The frame shown at that time, in seconds or as a timecode; past the end: 0.3 s before"
            " it. By default the most telling of several."
        ),
        examples=[1.5],
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=4096,
        description="Width in pixels, never more than the source's; the height follows.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` without loss."
    )


TYPE = RenderType(
    name="thumbnail",
    summary="One picture of a video, at a time or the most telling; or a picture made small.",
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
