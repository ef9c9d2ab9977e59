"""``audio_mix``: several sounds at once, each at its level and time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams
from gala.render_types.params.timecodes import Seconds


class MixLength(StrEnum):
    """How long a mix is."""

    LONGEST = "longest"
    FIRST = "first"


class Track(TypeParams):
    """How one of the sounds goes into the mix."""

    gain_db: float = Field(
        default=0.0, ge=-60, le=24, description="Louder or softer, in decibels, -60 to 24."
    )
    offset: Seconds = Field(default=0.0, description="When it begins; seconds or a timecode.")
    fade_in: float = Field(default=0.0, ge=0, le=60, description="Seconds, 0 to 60.")
    fade_out: float = Field(default=0.0, ge=0, le=60, description="Seconds, 0 to 60.")
    loop: bool = Field(
        default=False, description="Again and again, until those that do not loop have ended."
    )


class AudioMixParams(SoundParams):
    """Params of a mix."""

    tracks: Annotated[tuple[Track, ...], Field(strict=False, max_length=32)] = Field(
        default=(),
        description=(
            "For each sound, in the order of the inputs: `gain_db`, `offset`, `fade_in`,"
            " `fade_out`, `loop`. What is not said is as it is."
        ),
        examples=[[{"gain_db": 3}, {"gain_db": -12, "loop": True, "fade_out": 2}]],
    )
    duck_db: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description=(
            "All others fall by so many decibels (0 to 60) while the first sound, a voice, is"
            " heard; they begin to fall just before it."
        ),
        examples=[12],
    )
    length: Annotated[MixLength, Field(strict=False)] = Field(
        default=MixLength.LONGEST,
        description="As long as the sound that ends last, or as the `first` one with its offset.",
    )


TYPE = RenderType(
    name="audio_mix",
    summary="Several sounds at once, each at its own level and time; music can duck under a voice.",
    params=AudioMixParams,
    inputs={
        "audio": InputSpec(
            "The sounds, or videos with sound, 1 to 32; the first is the voice, if there is one.",
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
