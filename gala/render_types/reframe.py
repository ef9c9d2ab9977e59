"""``reframe``: a video on a frame of another size or shape."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import MAX_SIDE, AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.render_types.params.colors import Colour
from gala.render_types.params.framing import Fit, Side
from gala.render_types.params.video_encoding import VideoParams


class CropBox(TypeParams):
    """A part of the picture, in pixels of the video as it is shown (turned upright)."""

    x: int = Field(ge=0, le=16384, description="Pixels from the left.")
    y: int = Field(ge=0, le=16384, description="Pixels from the top.")
    width: int = Field(ge=2, le=16384, description="Pixels across.")
    height: int = Field(ge=2, le=16384, description="Pixels down.")


class ReframeParams(VideoParams):
    """Params of a reframing."""

    width: Side | None = Field(
        default=None,
        description=(
            f"Width of the new frame in pixels, even, 16 to {MAX_SIDE}; with only one side given,"
            " the other follows the picture's shape. By default the request's `format`."
        ),
        examples=[360],
    )
    height: Side | None = Field(
        default=None, description=f"Height of the new frame in pixels, even, 16 to {MAX_SIDE}."
    )
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description=(
            "`contain` shows all of it with bars, `cover` fills the frame and crops, `blur` shows"
            " all of it before a blurred copy of itself."
        ),
    )
    color: Colour = Field(default="#000000", description="Colour of the bars of `contain`.")
    crop: CropBox | None = Field(
        default=None, description="Only this part of the picture, before anything else."
    )

    @model_validator(mode="after")
    def _even_crop(self) -> Self:
        if self.crop and (self.crop.width % 2 or self.crop.height % 2):
            raise ValueError("crop: width and height must be even")
        return self


TYPE = RenderType(
    name="reframe",
    summary="A video resized, cropped, or set on a frame of another shape.",
    params=ReframeParams,
    inputs={"video": InputSpec("The video.", frozenset({MediaClass.VIDEO}), required=True)},
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"width": 180, "height": 320, "fit": "blur"},
    example_inputs={"video": ("video",)},
)
