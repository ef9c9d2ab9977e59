"""Output formats of audio files, and the params that select them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from gala.media import AssetKind
from gala.render_types.base import OutputSpec, TypeParams


class AudioFormat(StrEnum):
    """Audio file format, named by its suffix."""

    WAV = "wav"
    MP3 = "mp3"
    M4A = "m4a"
    OGG = "ogg"
    FLAC = "flac"


LOSSLESS: Final = frozenset({AudioFormat.WAV, AudioFormat.FLAC})

_ANY_RATE: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
RATES: Final = {
    AudioFormat.WAV: (*_ANY_RATE, 88200, 96000, 176400, 192000),
    AudioFormat.FLAC: (*_ANY_RATE, 88200, 96000, 176400, 192000),
    AudioFormat.MP3: _ANY_RATE,
    AudioFormat.M4A: (*_ANY_RATE, 88200, 96000),
    AudioFormat.OGG: (8000, 12000, 16000, 24000, 48000),
}
"""Sample rates in hertz that each format supports."""

_OGG_MAX_KBPS_PER_CHANNEL: Final = 256
"""Limit of Opus."""

SOUND_OUTPUT: Final = OutputSpec(
    "audio",
    AssetKind.RENDER_OUTPUT,
    "audio/wav",
    also=("audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac"),
)
"""An audio file in any :class:`AudioFormat`."""


class SoundParams(TypeParams):
    """Base of the params of every type that writes an audio file."""

    audio_format: Annotated[AudioFormat, Field(strict=False)] = Field(
        default=AudioFormat.WAV,
        description=(
            "`wav` (16 bit), `flac` (lossless, smaller), `mp3`, `m4a` (AAC) or `ogg` (Opus)."
        ),
        examples=["mp3"],
    )
    sample_rate: int | None = Field(
        default=None,
        ge=8000,
        le=192_000,
        description=(
            "Sample rate in hertz; by default the source's, or the next higher rate that the format"
            " supports. `ogg`: 8000, 12000, 16000, 24000 or 48000."
        ),
        examples=[44100],
    )
    channels: int | None = Field(
        default=None,
        ge=1,
        le=2,
        description="1 (mono) or 2 (stereo); by default as in the source, but at most 2.",
    )
    bitrate_kbps: int | None = Field(
        default=None,
        ge=16,
        le=320,
        description="Bit rate of `mp3`, `m4a` and `ogg` in kbit/s; by default one of good quality.",
        examples=[128],
    )

    @model_validator(mode="after")
    def _check_format(self) -> Self:
        rates = RATES[self.audio_format]
        if self.sample_rate is not None and self.sample_rate not in rates:
            listed = ", ".join(map(str, rates))
            raise ValueError(f"sample_rate: {self.audio_format} supports {listed}")
        if self.bitrate_kbps is not None and self.audio_format in LOSSLESS:
            raise ValueError(f"bitrate_kbps: not for {self.audio_format}, which is lossless")
        most = _OGG_MAX_KBPS_PER_CHANNEL * (self.channels or 1)
        if self.audio_format is AudioFormat.OGG and (self.bitrate_kbps or 0) > most:
            raise ValueError(f"bitrate_kbps: at most {most} for ogg with this number of channels")
        return self
