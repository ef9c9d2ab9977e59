"""``audio_convert``: change the format, sample rate or channels of audio; also reads raw PCM."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gala.media import MediaClass
from gala.render_types.base import InputSpec, RenderType, TypeParams
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams


class PcmEncoding(StrEnum):
    """Encoding of raw samples: s signed, u unsigned, f float; bits; little or big endian."""

    S16LE = "s16le"
    S16BE = "s16be"
    S24LE = "s24le"
    S32LE = "s32le"
    U8 = "u8"
    F32LE = "f32le"
    MULAW = "mulaw"
    ALAW = "alaw"


class RawPcm(TypeParams):
    """How to read a file of samples that has no header."""

    encoding: Annotated[PcmEncoding, Field(strict=False)] = Field(
        default=PcmEncoding.S16LE, description="Encoding of a sample."
    )
    sample_rate: int = Field(
        default=24_000, ge=1000, le=384_000, description="Sample rate in hertz, 1000 to 384000."
    )
    channels: int = Field(
        default=1, ge=1, le=8, description="Number of interleaved channels, 1 to 8."
    )


class AudioConvertParams(SoundParams):
    """Params of a conversion."""

    pcm: RawPcm | None = Field(
        default=None,
        description="For raw PCM samples without a header: how to read them.",
    )


TYPE = RenderType(
    name="audio_convert",
    summary="Convert audio to another format, sample rate or channel count; also from raw PCM.",
    params=AudioConvertParams,
    inputs={
        "audio": InputSpec(
            "The audio, or a video with audio; with `pcm`, any file of raw samples.",
            frozenset({MediaClass.AUDIO, MediaClass.VIDEO, MediaClass.OTHER}),
            required=True,
        ),
    },
    outputs=(SOUND_OUTPUT,),
    takes_format=False,
    example={"audio_format": "mp3", "bitrate_kbps": 128},
    example_inputs={"audio": ("voice",)},
)
