"""``hello_render``: a text on black or on a background; the simplest complete video."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from gala.media import AssetKind, Format, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType, TypeParams
from gala.visible_text import VISIBLE_TEXT

Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=VISIBLE_TEXT)]
HexColor = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class Fit(StrEnum):
    """How a picture of another aspect ratio fills the frame; it is never stretched."""

    CONTAIN = "contain"
    COVER = "cover"


class HelloParams(TypeParams):
    """Params of a hello render."""

    text: Text = Field(
        description="The text to show, 1 to 500 characters; `\\n` breaks the line.",
        examples=["GALA E2E"],
    )
    text_color: HexColor | None = Field(
        default=None,
        description="Text color as `#rrggbb`; by default the one with the best contrast.",
        examples=["#ffffff"],
    )
    background_color: HexColor = Field(
        default="#000000",
        description="Background color as `#rrggbb`, where no background input covers it.",
        examples=["#10243e"],
    )
    music_volume_db: float = Field(
        default=0.0,
        ge=-40,
        le=6,
        description="Loudness of the music relative to the default -18 LUFS, in decibels.",
        examples=[-6],
    )
    overlay_fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description="`contain` shows the whole overlay, `cover` crops it to fill the frame.",
    )


TYPE = RenderType(
    name="hello_render",
    summary="A text centered on a vertical video, with optional background, music and overlay.",
    params=HelloParams,
    inputs={
        "bg": InputSpec(
            "Background picture or video; cropped to fill the frame, never stretched.",
            frozenset({MediaClass.IMAGE, MediaClass.VIDEO}),
        ),
        "music": InputSpec(
            "Music; looped or cut to the length, faded in and out.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
        "overlay": InputSpec(
            "Picture drawn over everything; its transparency is kept.",
            frozenset({MediaClass.IMAGE}),
        ),
    },
    outputs=(
        OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),
        OutputSpec("thumbnail", AssetKind.THUMBNAIL, "image/jpeg"),
    ),
    format=Format(width=1080, height=1920, fps=30),
    duration_ms=7000,
    example={"text": "GALA E2E"},
)
