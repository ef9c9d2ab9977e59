"""``image_stitch``: several pictures on one."""

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
        default=1920, ge=64, le=8192, description="Width that the whole may have, in pixels."
    )
    max_height: int = Field(
        default=1080, ge=64, le=8192, description="Height that the whole may have, in pixels."
    )
    columns: int | None = Field(
        default=None,
        ge=1,
        le=MAX_IMAGES,
        description="Pictures in a row; by default as makes them largest.",
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` without loss."
    )


TYPE = RenderType(
    name="image_stitch",
    summary=f"Up to {MAX_IMAGES} pictures side by side on one, in rows, none of them cropped.",
    params=ImageStitchParams,
    inputs={
        "images": InputSpec(
            "The pictures in their order.",
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
