"""``frames``: single frames of a video, and a contact sheet of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.timecodes import Seconds

MAX_FRAMES = 300


class PictureFormat(StrEnum):
    """File format of a picture."""

    JPEG = "jpeg"
    PNG = "png"


class FramesParams(TypeParams):
    """Params of an extraction of frames."""

    count: int | None = Field(
        default=None,
        ge=1,
        le=MAX_FRAMES,
        description=f"Number of evenly spread frames, 1 to {MAX_FRAMES}; 12 by default.",
        examples=[6],
    )
    every: Annotated[float, Field(ge=0.02, le=3600)] | None = Field(
        default=None,
        description=f"Seconds between frames, starting at 0; at most {MAX_FRAMES} frames.",
    )
    timestamps: Annotated[tuple[Seconds, ...], Field(strict=False)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_FRAMES,
        description="Times as seconds or timecodes; past the end means 0.3 s before the end.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` (lossless)."
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=4096,
        description="Frame width in pixels, by default the video's; the height is proportional.",
    )
    columns: int = Field(default=4, ge=1, le=20, description="Frames per row of the contact sheet.")

    @model_validator(mode="after")
    def _check_one_selection(self) -> Self:
        if sum(way is not None for way in (self.count, self.every, self.timestamps)) > 1:
            raise ValueError("count, every, timestamps: set only one of them")
        return self


TYPE = RenderType(
    name="frames",
    summary="Extract frames of a video as pictures in a ZIP, and a contact sheet of them.",
    params=FramesParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(
        OutputSpec("contact_sheet", AssetKind.THUMBNAIL, "image/jpeg"),
        OutputSpec("frames", AssetKind.OTHER, "application/zip"),
    ),
    takes_format=False,
    example={"count": 4, "width": 160},
    example_inputs={"video": ("video",)},
)
