"""``colorkey_overlay``: a video without its green screen, over another."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.colors import Colour
from gala.render_types.params.framing import Anchor
from gala.render_types.params.video_encoding import VideoParams


class ColorkeyOverlayParams(VideoParams):
    """Params of an overlay by colour key."""

    color: Colour = Field(
        default="#00ff00",
        description="The colour that becomes transparent: `#rrggbb`, `#rgb` or a name.",
        examples=["green"],
    )
    similarity: float = Field(
        default=0.1,
        ge=0.00001,
        le=1,
        description="How far from it a colour may be and still go, 0.00001 (none) to 1 (all).",
    )
    blend: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="How soft the edges are, 0 (hard) to 1; what lies between stays half seen.",
    )
    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.CENTER, description="Where the overlay is, e.g. `bottom-right`."
    )
    scale: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Its size: the largest part of the frame's sides that it takes, up to 1.",
    )


TYPE = RenderType(
    name="colorkey_overlay",
    summary="A video over another, one colour of it (a green screen) transparent.",
    params=ColorkeyOverlayParams,
    inputs={
        "video": InputSpec("The video below.", frozenset({MediaClass.VIDEO}), required=True),
        "overlay": InputSpec(
            "The video or picture above; repeated or cut to the length of the one below.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"color": "#00ff00", "scale": 0.6, "position": "bottom-right"},
    example_inputs={"video": ("video",), "overlay": ("green_screen",)},
)
