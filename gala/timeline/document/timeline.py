"""The whole: scenes that come one after the other, and tracks of clips."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from gala.render_types.base import TypeParams
from gala.render_types.params.colors import Color
from gala.render_types.params.voice import USUAL_LUFS, LoudnessTarget, VoiceParams
from gala.timeline.document.elements import Element, NarrationParams
from gala.timeline.document.font_files import FontFiles
from gala.timeline.document.movement import TransitionField
from gala.timeline.document.output import OutputParams
from gala.timeline.document.subtitles import CaptionLook
from gala.timeline.document.values import Name, Percent, Seconds
from gala.timeline.problems import broken_rule

MAX_SCENES: Final = 300
MAX_TRACKS: Final = 50
MAX_CLIPS: Final = 500


def _spoken(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _caption_kind(value: object) -> str:
    return "switch" if isinstance(value, bool) else "look"


Narration = Annotated[
    NarrationParams,
    BeforeValidator(_spoken, json_schema_input_type=str | NarrationParams),
]
Captions = Annotated[
    Annotated[bool, Tag("switch")] | Annotated[CaptionLook, Tag("look")],
    Discriminator(_caption_kind),
]


class Scene(TypeParams):
    """A part of the film. It is as long as what is spoken in it, else as its videos and sounds."""

    name: Name | None = Field(default=None, description="A name that others can follow.")
    elements: tuple[Element, ...] = Field(
        default=(),
        strict=False,
        max_length=200,
        description="What is seen and heard, the lowest first; times count from the scene's start.",
    )
    voice: Narration | None = Field(
        default=None,
        description="What is spoken: the text, or an object with `text`, `voice` and so on.",
        examples=["Welcome."],
    )
    captions: Captions | None = Field(
        default=None,
        description="Whether the scene's voice has captions, or their look; by default as set for"
        " the whole.",
    )
    duration: Seconds | None = Field(
        default=None, gt=0, description="Its length; by default that of its content, else 5 s."
    )
    background: Color | None = Field(default=None, description="Color behind everything.")
    transition: TransitionField = None

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if not self.elements and self.voice is None and self.duration is None:
            raise broken_rule(
                "A scene shows or says something.",
                'Add "elements" or a "voice"; for an empty scene, a "duration".',
            )
        return self


class ClipTrack(TypeParams):
    """Clips that come one after the other, unless they have a start of their own."""

    name: Name | None = Field(default=None, description="A name for messages.")
    clips: tuple[Element, ...] = Field(
        strict=False,
        min_length=1,
        max_length=MAX_CLIPS,
        description="The clips in order. They do not overlap, except in transitions.",
    )


class TimelineParams(OutputParams):
    """A composition: scenes, or tracks, or tracks over scenes."""

    scenes: tuple[Scene, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_SCENES,
        description="Parts that come one after the other.",
    )
    tracks: tuple[ClipTrack, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_TRACKS,
        description="Tracks of clips, the lowest first; over the scenes, if there are any.",
    )
    duration: Seconds | None = Field(
        default=None,
        gt=0,
        description="Length of the whole; by default that of the scenes, or until the last clip"
        " of the tracks ends.",
    )
    background: Color = Field(default="#000000", description="Color behind everything.")
    voice: VoiceParams = Field(
        default=VoiceParams(), description="Voice of all that is spoken and does not set its own."
    )
    captions: Captions = Field(
        default=False, description="Whether the voices of scenes have captions, or their look."
    )
    fonts: FontFiles = Field(default={})
    safe_area: Percent = Field(
        default=0.05,
        ge=0,
        le=0.4,
        description="Distance of texts from the edges, of the frame's shorter side.",
    )
    loudness_lufs: LoudnessTarget = USUAL_LUFS

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if not self.scenes and not self.tracks:
            raise broken_rule(
                "A composition has scenes or tracks.",
                'Write {"scenes": [{"voice": "Hello"}]} or'
                ' {"tracks": [{"clips": [{"type": "text", "text": "Hello"}]}]}.',
            )
        return self
