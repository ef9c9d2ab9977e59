"""``image_stitch``: combine several pictures into one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.frames import PictureFormat

MAX_IMAGES = 100


class ImageStitchParams(TypeParams):
    """Params of a stitched picture."""

    max_width: int = Field(
        default=1920, ge=64, le=8192, description="Maximum width of the result in pixels."
    )
    max_height: int = Field(
        default=1080, ge=64, le=8192, description="Maximum height of the result in pixels."
    )
    columns: int | None = Field(
        default=None,
        ge=1,
        le=MAX_IMAGES,
        description="Pictures per row; by default the number that makes them largest.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` (lossless)."
    )


TYPE = RenderType(
    name="image_stitch",
    summary=f"Combine up to {MAX_IMAGES} pictures into one, in rows; none is cropped.",
    params=ImageStitchParams,
    inputs={
        "images": InputSpec(
            "The pictures in order.",
            frozenset({MediaClass.IMAGE}),
            required=True,
            many=True,
        ),
    },
    outputs=(OutputSpec("image", AssetKind.RENDER_OUTPUT, "image/jpeg", also=("image/png",)),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example={"max_width": 640, "max_height": 360},
    example_inputs={"images": ("picture", "other_picture", "picture")},
)
