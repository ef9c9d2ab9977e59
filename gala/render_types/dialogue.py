"""``dialogue``: speech of several voices that take turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from gala.errors import InvalidRequest
from gala.render_types.base import RenderType
from gala.render_types.params.audio_formats import SoundParams
from gala.render_types.params.pronunciations import Pronunciation, merged
from gala.render_types.params.spoken_languages import check_language
from gala.render_types.params.voice import (
    MAX_PAUSE_SECONDS,
    MAX_TEXT,
    USUAL_LUFS,
    LoudnessTarget,
    SpeechEngineName,
    SpokenText,
    VoiceChoice,
    VoiceParams,
    check_pauses_of_turns,
)
from gala.render_types.params.voice_names import check_voices
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
            "Chatterbox only: the number, counted from 1, of the file in"
            " `inputs.sample_asset_ids` whose voice is cloned."
        ),
    )


class DialogueTurn(SpeakerParams):
    """One turn of a dialogue."""

    text: SpokenText = Field(
        description=(
            "The text to speak, with `[pause 0.5s]`, blank lines and `[lang en]…[/lang]` as in"
            " `tts`."
        ),
        examples=["Are you coming?"],
    )
    speaker: Name | None = Field(
        default=None,
        description=(
            "Name of the speaker in `speakers`, whose voice is used; fields of the turn override"
            " those of the speaker."
        ),
        examples=["Ann"],
    )
    pause_after_ms: int | None = Field(
        default=None,
        ge=0,
        le=_MAX_PAUSE_MS,
        description="Milliseconds of silence before the next turn; by default `pause_ms`.",
    )


class DialogueParams(SoundParams):
    """Params of a dialogue."""

    turns: tuple[DialogueTurn, ...] = Field(
        strict=False,
        min_length=1,
        max_length=1000,
        description="The turns in order, 1 to 1000, with 100,000 characters in all.",
    )
    speakers: dict[Name, SpeakerParams] = Field(
        default={}, max_length=50, description="Voices by speaker name."
    )
    pause_ms: int = Field(
        default=300,
        ge=0,
        le=_MAX_PAUSE_MS,
        description="Milliseconds of silence after a turn without `pause_after_ms`.",
    )
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    phonemes: bool = Field(
        default=False,
        description="Whether `words` also contains phonemes with times, if the engine has them.",
    )

    @model_validator(mode="after")
    def _check_turns(self) -> Self:
        if sum(len(turn.text) for turn in self.turns) > MAX_TEXT:
            raise ValueError(f"turns: all texts together may have at most {MAX_TEXT} characters")
        said = [(turn.text, turn.pause_after_ms) for turn in self.turns]
        check_pauses_of_turns(said, self.pause_ms)
        if not self.speakers:
            return self
        for number, turn in enumerate(self.turns):
            if turn.speaker is not None and turn.speaker not in self.speakers:
                known = ", ".join(self.speakers)
                raise ValueError(
                    f"turns.{number}.speaker: not defined in speakers; defined are: {known}"
                )
        return self

    def voices(self) -> Iterator[SpeakerParams]:
        """Yield the voice of each turn: its speaker's, overridden by the turn's own fields."""
        for turn in self.turns:
            base = self.speakers.get(turn.speaker or "", SpeakerParams())
            names = turn.model_fields_set & SpeakerParams.model_fields.keys()
            own = {name: getattr(turn, name) for name in names}
            # A turn that says null says no more than one that leaves the field out.
            yield base.model_copy(update={k: v for k, v in own.items() if v is not None})

    def with_pronunciations(self, others: Sequence[Pronunciation]) -> Self:
        """Return the params in which each turn has the pronunciations of another list too."""
        turns = []
        for turn, voice in zip(self.turns, self.voices(), strict=True):
            own = voice.pronunciations
            both = merged(own, others, turn.text)
            same = both == own
            turns.append(turn if same else turn.model_copy(update={"pronunciations": both}))
        return self.model_copy(update={"turns": tuple(turns)})

    def voice_choices(self, inputs: frozenset[str]) -> Iterator[VoiceChoice]:
        """Yield the voices of all turns; the field is the one that chose it for the turn."""
        del inputs
        chosen = zip(self.turns, self.voices(), strict=True)
        seen: set[VoiceChoice] = set()
        for number, (turn, one) in enumerate(chosen):
            if one.voice is None:
                continue
            choice = VoiceChoice(one.engine, one.voice, f"params.{_voice_field(number, turn)}")
            if choice not in seen:
                seen.add(choice)
                yield choice


def _voice_field(number: int, turn: DialogueTurn) -> str:
    """Return the field that decides on the voice of a turn, which is of its speaker if not its own.

    A turn that only sets the engine decides whether that engine has the speaker's voice.
    """
    if turn.voice is not None:
        return f"turns.{number}.voice"
    if "engine" in turn.model_fields_set:
        return f"turns.{number}.engine"
    return f"speakers.{turn.speaker}.voice"


def _check(params: DialogueParams, inputs: frozenset[str]) -> None:
    check_voices(params, inputs)
    for number, voice in enumerate(params.voices()):
        turn = params.turns[number]
        is_own = turn.language is not None
        owner = f"turns.{number}" if is_own else f"speakers.{turn.speaker}"
        check_language(voice, f"params.{owner}.language")
        if voice.sample is None:
            continue
        field = f"params.turns.{number}.sample"
        if voice.engine is not SpeechEngineName.CHATTERBOX:
            raise InvalidRequest(f"{field}: only the engine chatterbox uses a sample.", field=field)
        if "sample" not in inputs:
            raise InvalidRequest(
                f"{field}: inputs.sample_asset_ids has no file with this number.", field=field
            )


TYPE = RenderType(
    name="dialogue",
    summary="Speech of several voices that take turns, equally loud, with the time of every word.",
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
