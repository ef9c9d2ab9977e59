"""``merge``: join clips to one video with background music."""

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
        description="Volume of the music, 0 (silent) to 1 (unchanged); 0.5 by default.",
        examples=[0.5],
    )
    music_volume_db: float | None = Field(
        default=None, ge=-60, le=6, description="Volume in decibels, instead of `music_volume`."
    )
    music_fade: float = Field(
        default=1.0, ge=0, le=30, description="Seconds over which the music fades in and out."
    )
    ducking_db: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description="By how many decibels the music is lowered during speech; 0 is not at all.",
    )
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.CONTAIN,
        description="How clips of another aspect ratio fill the frame of the first clip.",
    )

    @model_validator(mode="after")
    def _check_one_volume(self) -> Self:
        if self.music_volume is not None and self.music_volume_db is not None:
            raise ValueError("music_volume, music_volume_db: set only one of them")
        return self


TYPE = RenderType(
    name="merge",
    summary="Join clips on the frame of the first, with music that is lowered during speech.",
    params=MergeParams,
    inputs={
        "videos": InputSpec(
            "The clips in playing order.", frozenset({MediaClass.VIDEO}), required=True, many=True
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
