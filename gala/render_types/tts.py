"""``tts``: text to speech, with the time of every word."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import Field

from gala.errors import InvalidRequest
from gala.media import AssetKind, MediaClass
from gala.render_types.base import InputSpec, OutputSpec, RenderType
from gala.render_types.params.audio_formats import SOUND_OUTPUT, SoundParams
from gala.render_types.params.voice import (
    USUAL_LUFS,
    LoudnessTarget,
    SpeechEngineName,
    SpokenText,
    VoiceParams,
)
from gala.render_types.params.voice_names import check_voices

VOICE_OUTPUT: Final = replace(SOUND_OUTPUT, kind=AssetKind.VOICE)
WORDS_OUTPUT: Final = OutputSpec("words", AssetKind.CAPTIONS, "application/json")
SAMPLE_INPUT: Final = InputSpec(
    "A few seconds of the voice to clone; only for `chatterbox`.",
    frozenset({MediaClass.AUDIO, MediaClass.VIDEO}),
)


class TtsParams(VoiceParams, SoundParams):
    """Params of text to speech."""

    text: SpokenText = Field(
        description=(
            "The text to speak, up to 100,000 characters. `[pause 0.5s]` and `[pause 500ms]` make"
            " pauses, a blank line makes the pause of a paragraph, and `[lang en]…[/lang]` is"
            " spoken in that language; everything else, including tags and brackets, is read out."
        ),
        examples=["Hello! [pause 0.5s] How are you?"],
    )
    loudness_lufs: LoudnessTarget = USUAL_LUFS
    phonemes: bool = Field(
        default=False,
        description="Whether `words` also contains phonemes with times, if the engine has them.",
    )


def _check(params: TtsParams, inputs: frozenset[str]) -> None:
    if "sample" in inputs and params.engine is not SpeechEngineName.CHATTERBOX:
        raise InvalidRequest(
            "params.engine: only chatterbox uses inputs.sample_asset_id.",
            field="params.engine",
        )
    check_voices(params, inputs)


TYPE = RenderType(
    name="tts",
    summary="Text to speech in many languages and voices, with the time of every word.",
    params=TtsParams,
    inputs={"sample": SAMPLE_INPUT},
    outputs=(VOICE_OUTPUT, WORDS_OUTPUT),
    takes_format=False,
    check=_check,
    example={
        "text": "Hello! [pause 0.3s] The end of the story.",
        "engine": "espeak",
        "voice": "en-us+f3",
    },
)
