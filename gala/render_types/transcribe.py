"""``transcribe``: speech to text, with the time of every word."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gala.render_types.base import RenderType, TypeParams
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.transcription import (
    HEARD_INPUT,
    VTT_OUTPUT,
    WORDS_OUTPUT,
    whisper_language,
)


class TranscribeParams(TypeParams):
    """Params of speech recognition."""

    language: Annotated[LanguageTag, AfterValidator(whisper_language)] | None = Field(
        default=None,
        description="Spoken language as a BCP 47 tag (`es`, `en-GB`); detected by default.",
        examples=["es"],
    )
    translate: bool = Field(
        default=False,
        description=(
            "Whether the text is an English translation of the speech; `language` of the output"
            " `words` remains the spoken one. Needs a multilingual model other than `turbo`."
        ),
    )
    beam_size: int = Field(
        default=5,
        ge=1,
        le=10,
        description="Number of alternatives that the search compares, 1 (fast) to 10.",
    )
    word_timestamps: bool = Field(
        default=True,
        description=(
            "Whether every word gets times; if false, only segments do and `words` is empty."
        ),
    )
    vad: bool = Field(
        default=True,
        description=(
            "Whether to skip parts without speech (silence, music, noise), in which Whisper may"
            " invent text; set it to false for singing."
        ),
    )
    model: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$",
        description=(
            "A Whisper model that is installed, such as `base` (`gala weights pull whisper:base`);"
            " by default the one that the operator set, or the best that is installed."
        ),
        examples=["base"],
    )


TYPE = RenderType(
    name="transcribe",
    summary=(
        "Speech to text: `words` is"
        ' `{"model", "language", "language_probability", "duration", "text",'
        ' "words": [{"text", "start_ts", "end_ts", "probability"}],'
        ' "segments": [{"text", "start_ts", "end_ts"}]}`.'
        ' Needs `pip install "gala-platform[whisper]"` and `gala weights pull whisper:base`.'
    ),
    params=TranscribeParams,
    inputs={"audio": HEARD_INPUT},
    outputs=(WORDS_OUTPUT, VTT_OUTPUT),
    takes_format=False,
    example={"language": "en", "beam_size": 1},
    example_inputs={"audio": ("voice",)},
)
