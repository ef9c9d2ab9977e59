"""``merge``: clips joined to one video, with music under them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Fit
from gala.render_types.params.video_encoding import VideoParams


class MergeParams(VideoParams):
    """Params of a merge."""

    music_volume: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="How loud the music is, 0 (silent) to 1 (as it is); 0.5 by default.",
        examples=[0.5],
    )
    music_volume_db: float | None = Field(
        default=None, ge=-60, le=6, description="The same in decibels, instead of `music_volume`."
    )
    music_fade: float = Field(
        default=1.0, ge=0, le=30, description="Seconds that the music takes to fade in and out."
    )
    ducking_db: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description="By how many decibels the music falls while somebody speaks; 0 is not at all.",
    )
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description="How clips of another shape come on the first one's frame.",
    )

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        if self.music_volume is not None and self.music_volume_db is not None:
            raise ValueError("music_volume, music_volume_db: give one of the two")
        return self


TYPE = RenderType(
    name="merge",
    summary="Clips joined on the frame of the first, with music that falls under voices.",
    params=MergeParams,
    inputs={
        "videos": InputSpec(
            "The clips in their order.", frozenset({MediaClass.VIDEO}), required=True, many=True
        ),
        "music": InputSpec(
            "Music; repeated or cut to the length.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
        ),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    example={"music_volume": 0.5, "ducking_db": 8},
    example_inputs={"videos": ("video", "other_video"), "music": ("song",)},
)
