"""``frames``: single frames of a video, and a sheet that shows them all."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.timecodes import Seconds

MAX_FRAMES = 300


class PictureFormat(StrEnum):
    """What single pictures are written as."""

    JPEG = "jpeg"
    PNG = "png"


class FramesParams(TypeParams):
    """Params of an extraction of frames."""

    count: int | None = Field(
        default=None,
        ge=1,
        le=MAX_FRAMES,
        description=f"That many, evenly spread, 1 to {MAX_FRAMES}; 12 if nothing else is asked.",
        examples=[6],
    )
    every: Annotated[float, Field(ge=0.02, le=3600)] | None = Field(
        default=None,
        description=f"One every so many seconds from 0 on; at most {MAX_FRAMES} in all.",
    )
    timestamps: Annotated[tuple[Seconds, ...], Field(strict=False)] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_FRAMES,
        description="At these times, in seconds or as timecodes; past the end: 0.3 s before it.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` without loss."
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=4096,
        description="Width of each in pixels, the height follows; by default the video's.",
    )
    columns: int = Field(default=4, ge=1, le=20, description="Frames in a row of the sheet.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.count, self.every, self.timestamps)) > 1:
            raise ValueError("count, every, timestamps: give one of them")
        return self


TYPE = RenderType(
    name="frames",
    summary="Frames of a video as pictures in a ZIP, and a contact sheet of them.",
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
