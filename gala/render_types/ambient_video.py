"""``ambient_video``: a long video of one short, repeated clip, with music and spoken parts."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gala.errors import InvalidRequest
from gala.media import MAX_DURATION_MS, AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.framing import Fit, Side
from gala.render_types.params.timecodes import Seconds
from gala.render_types.params.video_encoding import VideoParams


class AmbientVideoParams(VideoParams):
    """Params of an ambient video."""

    duration: Seconds = Field(
        description="Length of the result, as seconds or a timecode.", examples=["10:00"]
    )
    width: Side | None = Field(
        default=None, description="Width in pixels, together with `height`; the clip's by default."
    )
    height: Side | None = Field(default=None, description="Height in pixels.")
    fit: Annotated[Fit, Field(strict=False)] = Field(
        default=Fit.COVER,
        description=(
            "How a clip of another aspect ratio fills the frame: `cover` crops, `contain` adds"
            " black bars, `blur` puts the whole clip in front of a blurred copy."
        ),
    )
    music_volume: float = Field(
        default=1.0, ge=0, le=1, description="Volume of the music, 0 (silent) to 1 (unchanged)."
    )
    music_fade: float = Field(
        default=1.0, ge=0, le=30, description="Seconds over which the music fades in and out."
    )
    dialogue_pause: float = Field(
        default=0.5, ge=0, le=600, description="Seconds of silence between the spoken parts."
    )
    ducking_db: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description="By how many decibels the music is lowered during speech; 0 is not at all.",
    )

    @model_validator(mode="after")
    def _check_size_and_length(self) -> Self:
        if (self.width is None) != (self.height is None):
            raise ValueError("width, height: set both of them, or neither")
        if not 0.1 <= self.duration <= MAX_DURATION_MS / 1000:
            raise ValueError(f"duration: must be 0.1 to {MAX_DURATION_MS // 1000} seconds")
        return self


def _check(_params: AmbientVideoParams, inputs: frozenset[str]) -> None:
    if not inputs & {"music", "dialogue"}:
        raise InvalidRequest(
            "inputs.music_asset_id: an ambient video needs music or dialogue; to repeat a video"
            " with its own sound, use the type loop.",
            field="inputs.music_asset_id",
        )


_SOUND = frozenset({MediaClass.AUDIO, MediaClass.VIDEO})

TYPE = RenderType(
    name="ambient_video",
    summary=(
        "A long video of one repeated clip, with looped music and spoken parts; the clip is"
        " encoded once, so hours take minutes."
    ),
    params=AmbientVideoParams,
    inputs={
        "video": InputSpec(
            "The clip to repeat; its own sound is not used.",
            frozenset({MediaClass.VIDEO}),
            required=True,
        ),
        "music": InputSpec("Music; repeated or cut to the length.", _SOUND),
        "dialogue": InputSpec("Spoken parts, played once, in this order.", _SOUND, many=True),
    },
    outputs=(OutputSpec("video", AssetKind.RENDER_OUTPUT, "video/mp4"),),
    takes_format=False,
    check=_check,
    example={"duration": 6, "music_volume": 0.8, "ducking_db": 12},
    example_inputs={"video": ("video",), "music": ("song",), "dialogue": ("voice",)},
)
