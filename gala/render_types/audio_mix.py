"""``audio_mix``: mix several audio files, each with its own level and start time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams
from gala.render_types.params.timecodes import Seconds


class MixLength(StrEnum):
    """What determines the length of a mix."""

    LONGEST = "longest"
    FIRST = "first"


class Track(TypeParams):
    """Settings of one audio input in the mix."""

    gain_db: float = Field(
        default=0.0, ge=-60, le=24, description="Change of level in decibels, -60 to 24."
    )
    offset: Seconds = Field(default=0.0, description="When it starts: seconds or a timecode.")
    fade_in: float = Field(default=0.0, ge=0, le=60, description="Fade-in in seconds, 0 to 60.")
    fade_out: float = Field(default=0.0, ge=0, le=60, description="Fade-out in seconds, 0 to 60.")
    loop: bool = Field(
        default=False,
        description="Whether it repeats until all inputs that do not loop have ended.",
    )


class AudioMixParams(SoundParams):
    """Params of a mix."""

    tracks: Annotated[tuple[Track, ...], Field(strict=False, max_length=32)] = Field(
        default=(),
        description=(
            "Settings of each input, in the order of the inputs: `gain_db`, `offset`, `fade_in`,"
            " `fade_out`, `loop`. Inputs without an entry are mixed unchanged."
        ),
        examples=[[{"gain_db": 3}, {"gain_db": -12, "loop": True, "fade_out": 2}]],
    )
    duck_db: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description=(
            "Lower all other inputs by this many decibels (0 to 60) while the first input, a"
            " voice, speaks. The level begins to fall just before the voice starts."
        ),
        examples=[12],
    )
    length: Annotated[MixLength, Field(strict=False)] = Field(
        default=MixLength.LONGEST,
        description="`longest`: until the last input ends; `first`: until the first input ends.",
    )


TYPE = RenderType(
    name="audio_mix",
    summary="Mix several audio files, each at its own level and time; music can duck under voice.",
    params=AudioMixParams,
    inputs={
        "audio": InputSpec(
            "1 to 32 audio files or videos with audio; for ducking, the first one is the voice.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
            required=True,
            many=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={
        "tracks": [{}, {"gain_db": -6, "loop": True, "fade_out": 0.5}],
        "duck_db": 12,
        "audio_format": "m4a",
    },
    example_inputs={"audio": ("voice", "song")},
)
