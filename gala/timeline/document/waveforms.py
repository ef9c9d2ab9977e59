"""Waveforms: what a sound looks like while it is heard."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gala.render_types.params.colors import Color
from gala.timeline.document.placement import VisibleParams
from gala.timeline.document.values import Name, Percent, Source
from gala.timeline.problems import broken_rule


class WaveformStyle(StrEnum):
    """What a waveform shows."""

    BARS = "bars"
    LINE = "line"
    PROGRESS = "progress"


class WaveformElement(VisibleParams):
    """The picture of a sound, in time with it. It fills its box, as charts do."""

    type: Literal["waveform"]
    of: Name | None = Field(
        default=None,
        description="Name of the audio, voice, video or presenter that is shown, or of a scene with"
        " a voice; by default the voice of its scene.",
    )
    src: Source | None = Field(
        default=None, description="Instead of `of`: a file, whose sound is shown but not heard."
    )
    style: Annotated[WaveformStyle, Field(strict=False)] = Field(
        default=WaveformStyle.BARS,
        description="`bars` dance with the pitches that are heard, `line` swings with its"
        " loudness, `progress` shows all of the sound, with what has been heard in `color`.",
    )
    bars: int = Field(default=48, ge=4, le=400, description="Number of bars, 4 to 400.")
    gap: float = Field(
        default=0.4, ge=0, le=0.95, description="Space between bars, of the distance of two."
    )
    radius: Percent = Field(default=0.5, ge=0, le=0.5, description="Corner radius, of their width.")
    direction: Literal["both", "up", "down"] = Field(
        default="both", description="Where bars grow: `both` from the middle, `up` or `down`."
    )
    color: Color = Field(default="#3a86ff", description="Color.")
    end_color: Color | None = Field(
        default=None, description="Color at the right end, toward which `color` changes."
    )
    rest_color: Color | None = Field(
        default=None,
        description="`progress`: color of what is still to be heard; by default `color`, faint.",
    )
    line_width: Percent = Field(
        default=0.008, gt=0, le=0.1, description="`line`: width, of the frame's shorter side."
    )
    smoothing: float = Field(
        default=0.5, ge=0, le=1, description="How slowly it falls when the sound does, 0 to 1."
    )

    @model_validator(mode="after")
    def _one_sound(self) -> Self:
        if self.of is not None and self.src is not None:
            raise broken_rule("A waveform shows one sound.", "Leave out src, or of.", "src")
        return self
