"""``audio_convert``: sound in another format, rate or number of channels; also from raw PCM."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams


class PcmEncoding(StrEnum):
    """How raw samples are stored: s signed, u unsigned, f float; bits; little or big endian."""

    S16LE = "s16le"
    S16BE = "s16be"
    S24LE = "s24le"
    S32LE = "s32le"
    U8 = "u8"
    F32LE = "f32le"
    MULAW = "mulaw"
    ALAW = "alaw"


class RawPcm(TypeParams):
    """What a file of samples without a header cannot say of itself."""

    encoding: Annotated[PcmEncoding, Field(strict=False)] = Field(
        default=PcmEncoding.S16LE, description="How each sample is stored."
    )
    sample_rate: int = Field(
        default=24_000, ge=1000, le=384_000, description="Samples a second, in hertz."
    )
    channels: int = Field(default=1, ge=1, le=8, description="Channels, interleaved; 1 to 8.")


class AudioConvertParams(SoundParams):
    """Params of a conversion."""

    pcm: RawPcm | None = Field(
        default=None,
        description="Set for raw PCM samples without a header: how they are to be read.",
    )


TYPE = RenderType(
    name="audio_convert",
    summary="Sound in another format, sample rate or number of channels; also from raw PCM.",
    params=AudioConvertParams,
    inputs={
        "audio": InputSpec(
            "The sound, or a video with sound; any file if `pcm` says how to read it.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO, MediaClass.OTHER}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"audio_format": "mp3", "bitrate_kbps": 128},
    example_inputs={"audio": ("voice",)},
)
