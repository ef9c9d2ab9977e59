"""``image_retouch``: change color, contrast and grain of a picture."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.job import Lane
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.frames import PictureFormat


class ImageRetouchParams(TypeParams):
    """Params of a retouch."""

    color: float = Field(
        default=1.0,
        ge=0,
        le=2,
        description="Color saturation: 0 is black and white, 1 unchanged, 2 doubled.",
        examples=[0.8],
    )
    contrast: float = Field(
        default=1.0, ge=0, le=2, description="Contrast: 0 is plain gray, 1 unchanged, 2 doubled."
    )
    noise: int = Field(
        default=0, ge=0, le=100, description="Grain, 0 (none) to 100; identical in every run."
    )
    picture_format: Annotated[PictureFormat, Field(strict=False)] = Field(
        default=PictureFormat.JPEG, description="`jpeg`, or `png` (lossless)."
    )


TYPE = RenderType(
    name="image_retouch",
    summary="Change color, contrast and grain of a picture, so that it looks less clean.",
    params=ImageRetouchParams,
    inputs={
        "image": InputSpec("The picture.", frozenset({MediaClass.IMAGE}), required=True),
    },
    outputs=(OutputSpec("image", AssetKind.RENDER_OUTPUT, "image/jpeg", also=("image/png",)),),
    takes_format=False,
    lane=Lane.INTERACTIVE,
    example={"color": 0.8, "contrast": 0.9, "noise": 12},
    example_inputs={"image": ("picture",)},
)
