"""``colorkey_overlay``: put a video over another and make its green screen transparent."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.colors import Color
from gala.render_types.params.framing import Anchor
from gala.render_types.params.video_encoding import VideoParams


class ColorkeyOverlayParams(VideoParams):
    """Params of an overlay by color key."""

    color: Color = Field(
        default="#00ff00",
        description="The color that becomes transparent: `#rrggbb`, `#rgb` or a name.",
        examples=["green"],
    )
    similarity: float = Field(
        default=0.1,
        ge=0.00001,
        le=1,
        description=(
            "How far a color may differ from it and still become transparent, 0.00001 (exact) to"
            " 1 (every color)."
        ),
    )
    blend: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Softness of the edges, 0 (hard) to 1; similar colors become semi-transparent.",
    )
    position: Annotated[Anchor, Field(strict=False)] = Field(
        default=Anchor.CENTER, description="Position of the overlay, e.g. `bottom-right`."
    )
    scale: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="Size: the largest fraction of the frame's sides that it covers, up to 1.",
    )


TYPE = RenderType(
    name="colorkey_overlay",
    summary="Put a video over another; one of its colors (a green screen) becomes transparent.",
    params=ColorkeyOverlayParams,
    inputs={
        "video": InputSpec("The background video.", frozenset({MediaClass.VIDEO}), required=True),
        "overlay": InputSpec(
            "The video or picture on top; repeated or cut to the length of the background. Its own"
            " transparency is kept.",
            frozenset({MediaClass.VIDEO, MediaClass.IMAGE}),
            required=True,
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"color": "#00ff00", "scale": 0.6, "position": "bottom-right"},
    example_inputs={"video": ("video",), "overlay": ("green_screen",)},
)
