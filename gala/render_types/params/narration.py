"""The loudness of a narrated video: its voice, and the music under it."""

from __future__ import annotations

from pydantic import Field

from gala.render_types.base import TypeParams
from gala.render_types.params.voice import USUAL_LUFS, LoudnessTarget


class NarrationSoundParams(TypeParams):
    """Base of the params of videos with a voice and music under it."""

    loudness_lufs: LoudnessTarget = USUAL_LUFS
    music_volume_db: float = Field(
        default=-18.0,
        ge=-60,
        le=6,
        description="Loudness of the music relative to the voice, in decibels.",
    )
    music_ducking_db: float = Field(
        default=6.0,
        ge=0,
        le=30,
        description="By how many decibels the music is lowered during speech.",
    )
