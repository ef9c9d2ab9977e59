"""``dialogue``: several voices that speak in turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from gala.errors import InvalidRequest
from gala.render_types.base import RenderType
from gala.render_types.params.audio_formats import SoundParams
from gala.render_types.params.voice import (
    MAX_PAUSE_SECONDS,
    MAX_TEXT,
    USUAL_LUFS,
    LoudnessTarget,
    SpeechEngineName,
    SpokenText,
    VoiceParams,
)
from gala.render_types.tts import SAMPLE_INPUT, VOICE_OUTPUT, WORDS_OUTPUT

_MAX_PAUSE_MS: Final = round(MAX_PAUSE_SECONDS * 1000)
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]


class SpeakerParams(VoiceParams):
    """The voice of a speaker."""

    sample: int | None = Field(
        default=None,
        ge=1,
        le=50,
        description=(
            "Chatterbox: which of `inputs.sample_asset_ids`, counted from 1, has the voice to"
            " speak with."
        ),
    )


class DialogueTurn(SpeakerParams):
    """What one voice says."""

    text: SpokenText = Field(
        description="What is spoken; `[pause 0.5s]` is a pause, as in `tts`.",
        examples=["Are you coming?"],
    )
    speaker: Name | None = Field(
        default=None,
        description=(
            "Who speaks; a name in `speakers` gives the voice, of which a turn may change parts."
        ),
        examples=["Ann"],
    )
    pause_after_ms: int | None = Field(
        default=None,
        ge=0,
        le=_MAX_PAUSE_MS,
        description="Milliseconds until the next turn; by default `pause_ms`.",
    )


class DialogueParams(SoundParams):
    """Params of a dialogue."""

    turns: tuple[DialogueTurn, ...] = Field(
        strict=False,
        min_length=1,
        max_length=1000,
        description="What is said, in order; 1 to 1000 turns, 100,000 characters in all.",
    )
    speakers: dict[Name, SpeakerParams] = Field(
        default={}, max_length=50, description="Voices by the names of who speaks."
    )
    pause_ms: int = Field(
        default=300,
        ge=0,
        le=_MAX_PAUSE_MS,
        description="Milliseconds of silence between turns that do not tell their own.",
    )
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    phonemes: bool = Field(
        default=False,
        description="Whether `words` also tells the phonemes and their times, if they are known.",
    )

    @model_validator(mode="after")
    def _is_of_one_piece(self) -> Self:
        if sum(len(turn.text) for turn in self.turns) > MAX_TEXT:
            raise ValueError(f"turns: all texts together may have {MAX_TEXT} characters")
        if not self.speakers:
            return self
        for number, turn in enumerate(self.turns):
            if turn.speaker is not None and turn.speaker not in self.speakers:
                known = ", ".join(self.speakers)
                raise ValueError(f"turns.{number}.speaker: there is none of that name in {known}")
        return self

    def voices(self) -> Iterator[SpeakerParams]:
        """The voice of each turn: its speaker's, with what the turn itself says on top."""
        for turn in self.turns:
            base = self.speakers.get(turn.speaker or "", SpeakerParams())
            own = turn.model_fields_set & SpeakerParams.model_fields.keys()
            yield base.model_copy(update={name: getattr(turn, name) for name in own})


def _check(params: DialogueParams, inputs: frozenset[str]) -> None:
    for number, voice in enumerate(params.voices()):
        if voice.sample is None:
            continue
        field = f"params.turns.{number}.sample"
        if voice.engine is not SpeechEngineName.CHATTERBOX:
            raise InvalidRequest(f"{field}: only chatterbox speaks with a sample.", field=field)
        if "sample" not in inputs:
            raise InvalidRequest(f"{field}: inputs.sample_asset_ids has no such file.", field=field)


TYPE = RenderType(
    name="dialogue",
    summary="Several voices that speak in turns, equally loud, with the time of every word.",
    params=DialogueParams,
    inputs={"sample": replace(SAMPLE_INPUT, many=True)},
    outputs=(VOICE_OUTPUT, WORDS_OUTPUT),
    takes_format=False,
    check=_check,
    example={
        "speakers": {
            "Ann": {"engine": "espeak", "voice": "en-us+f3"},
            "Bob": {"engine": "espeak", "voice": "en-gb", "effects": {"pitch": -2}},
        },
        "turns": [
            {"speaker": "Ann", "text": "Are you coming?"},
            {"speaker": "Bob", "text": "In a minute."},
        ],
    },
)
