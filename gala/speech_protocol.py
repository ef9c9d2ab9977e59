"""Speech that is heard while it is still being made: what API and renderer say about it.

``POST /speech`` of the renderer takes a :class:`SpeechRequest` and answers with the bytes of one
sound file as they are made. ``GET /voices`` tells who can speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from gala.render_types.base import TypeParams
from gala.render_types.params.voice import (
    USUAL_LUFS,
    LanguageTag,
    LoudnessTarget,
    SpeechEngineName,
    SpokenText,
    VoiceName,
)


class SpeechFormat(StrEnum):
    """How streamed speech is encoded; the words of OpenAI's ``response_format``."""

    MP3 = "mp3"
    OPUS = "opus"
    AAC = "aac"
    FLAC = "flac"
    WAV = "wav"
    PCM = "pcm"


SPEECH_MIMES: Final[Mapping[SpeechFormat, str]] = {
    SpeechFormat.MP3: "audio/mpeg",
    SpeechFormat.OPUS: "audio/ogg",
    SpeechFormat.AAC: "audio/aac",
    SpeechFormat.FLAC: "audio/flac",
    SpeechFormat.WAV: "audio/wav",
    SpeechFormat.PCM: "audio/pcm",
}

PCM_RATE: Final = 24_000
"""Samples a second of ``pcm``: 16 bit, little-endian, mono, and no header that could say so."""


class SpeechRequest(TypeParams):
    """What to speak and how."""

    text: SpokenText
    engine: Annotated[SpeechEngineName, Field(strict=False)] = SpeechEngineName.AUTO
    voice: VoiceName | None = None
    language: LanguageTag | None = None
    speed: float = Field(default=1.0, ge=0.25, le=4)
    """Beyond an engine's own 0.5 to 2 the sound is stretched."""
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    """Met by the first sentences; the rest has their gain, so that the level does not pump."""
    format: Annotated[SpeechFormat, Field(strict=False)] = SpeechFormat.MP3
