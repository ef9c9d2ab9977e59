"""``audio_normalize``: bring audio to a loudness by EBU R 128."""

from __future__ import annotations

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams


class AudioNormalizeParams(SoundParams):
    """Params of a normalization."""

    loudness_lufs: float = Field(
        default=-16.0,
        ge=-40,
        le=-5,
        description=(
            "Integrated loudness in LUFS, -40 to -5: -16 is usual for speech, -14 for streaming,"
            " -23 for broadcast."
        ),
        examples=[-14],
    )
    true_peak_db: float = Field(
        default=-1.0,
        ge=-9,
        le=0,
        description=(
            "Maximum true peak in dBTP, -9 to 0. Peaks are limited only where the gain would"
            " raise them above it."
        ),
    )


TYPE = RenderType(
    name="audio_normalize",
    summary="Bring audio to a target loudness (EBU R 128); peaks are limited, never clipped.",
    params=AudioNormalizeParams,
    inputs={
        "audio": InputSpec(
            "The audio, or a video with audio.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"loudness_lufs": -14},
    example_inputs={"audio": ("voice",)},
)
