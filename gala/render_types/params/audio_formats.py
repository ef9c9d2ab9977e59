"""The formats that sound is written in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from gala.media import AssetKind
from gala.render_types.base import OutputSpec, TypeParams


class AudioFormat(StrEnum):
    """A kind of sound file, by its suffix."""

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
"""Sample rates in hertz that each format can have."""

_MOST_KBPS_A_CHANNEL: Final = 256
"""Opus' own limit."""

SOUND_OUTPUT: Final = OutputSpec(
    "audio",
    AssetKind.RENDER_OUTPUT,
    "audio/wav",
    also=("audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac"),
)
"""A sound file in any :class:`AudioFormat`."""


class SoundParams(TypeParams):
    """Base of the params of every type that writes a sound file."""

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
            "Samples a second, in hertz; by default the source's, or the next one above that the"
            " format has. `ogg`: 8000, 12000, 16000, 24000 or 48000."
        ),
        examples=[44100],
    )
    channels: int | None = Field(
        default=None,
        ge=1,
        le=2,
        description="1 (mono) or 2 (stereo); by default as the source, more than two as stereo.",
    )
    bitrate_kbps: int | None = Field(
        default=None,
        ge=16,
        le=320,
        description="Thousand bits a second of `mp3`, `m4a` and `ogg`; by default a good one.",
        examples=[128],
    )

    @model_validator(mode="after")
    def _fits_the_format(self) -> Self:
        rates = RATES[self.audio_format]
        if self.sample_rate is not None and self.sample_rate not in rates:
            listed = ", ".join(map(str, rates))
            raise ValueError(f"sample_rate: {self.audio_format} can have {listed}")
        if self.bitrate_kbps is not None and self.audio_format in LOSSLESS:
            raise ValueError(f"bitrate_kbps: {self.audio_format} is lossless and has none")
        most = _MOST_KBPS_A_CHANNEL * (self.channels or 1)
        if self.audio_format is AudioFormat.OGG and (self.bitrate_kbps or 0) > most:
            raise ValueError(f"bitrate_kbps: ogg can have {most} at most with these channels")
        return self
