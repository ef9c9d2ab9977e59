"""``audio_trim_pauses``: shorten the long pauses of speech."""

from __future__ import annotations

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams


class AudioTrimPausesParams(SoundParams):
    """Params of shortening pauses."""

    max_pause: float = Field(
        default=0.5,
        ge=0,
        le=10,
        description="Pauses longer than this are shortened to it, in seconds, 0 to 10.",
        examples=[0.35],
    )
    threshold_db: float = Field(
        default=-40.0,
        ge=-90,
        le=-10,
        description="Audio below this level is a pause, in dB relative to full scale, -90 to -10.",
    )
    breath: float = Field(
        default=0.06,
        ge=0,
        le=1,
        description=(
            "Seconds before and after speech that are never cut, 0 to 1, so that soft beginnings"
            " and endings of words are kept."
        ),
    )
    trim_ends: bool = Field(
        default=True, description="Whether to cut silence at the start and the end, too."
    )


TYPE = RenderType(
    name="audio_trim_pauses",
    summary="The same speech with its long pauses made short, joined without a click.",
    params=AudioTrimPausesParams,
    inputs={
        "audio": InputSpec(
            "Speech, or a video with speech (its sound is taken).",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"max_pause": 0.15},
    example_inputs={"audio": ("voice",)},
)
