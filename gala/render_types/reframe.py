"""``reframe``: fit a video to a frame of another size or aspect ratio."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import MAX_SIDE, AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Fit, Side
from gala.render_types.params.video_encoding import VideoParams


class CropBox(TypeParams):
    """A part of the picture, in pixels of the video as displayed (after rotation)."""

    x: int = Field(ge=0, le=16384, description="Left edge in pixels.")
    y: int = Field(ge=0, le=16384, description="Top edge in pixels.")
    width: int = Field(ge=2, le=16384, description="Width in pixels.")
    height: int = Field(ge=2, le=16384, description="Height in pixels.")


class ReframeParams(VideoParams):
    """Params of a reframing."""

    width: Side | None = Field(
        default=None,
        description=(
            f"Width of the new frame in pixels, even, 16 to {MAX_SIDE}. If only one side is set,"
            " the other is proportional. By default the request's `format`."
        ),
        examples=[360],
    )
    height: Side | None = Field(
        default=None, description=f"Height of the new frame in pixels, even, 16 to {MAX_SIDE}."
    )
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description=(
            "`contain` adds bars, `cover` fills the frame and crops, `blur` puts the whole picture"
            " in front of a blurred copy of itself."
        ),
    )
    color: Color = Field(
        default="#000000",
        description="Color of the bars of `contain`, and behind what is transparent.",
    )
    crop: CropBox | None = Field(
        default=None, description="Crop the picture to this part before fitting it."
    )

    @model_validator(mode="after")
    def _check_even_crop(self) -> Self:
        if self.crop and (self.crop.width % 2 or self.crop.height % 2):
            raise ValueError("crop: width and height must be even")
        return self


TYPE = RenderType(
    name="reframe",
    summary="Resize or crop a video, or fit it to a frame of another aspect ratio.",
    params=ReframeParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"width": 180, "height": 320, "fit": "blur"},
    example_inputs={"video": ("video",)},
)
