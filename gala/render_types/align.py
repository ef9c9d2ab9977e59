"""``align``: find the times of a known text in the recording in which it is spoken."""

from __future__ import annotations

from pydantic import Field

from gala.render_types.base import RenderType, TypeParams
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.transcription import HEARD_INPUT, VTT_OUTPUT, WORDS_OUTPUT
from gala.render_types.params.voice import SpokenText


class AlignParams(TypeParams):
    """The text that is spoken."""

    text: SpokenText = Field(
        description=(
            "The spoken text as it is to be written, up to 100,000 characters. Every word gets a"
            " time; no word is replaced by what speech recognition found."
        ),
        examples=["Hello there, how are you?"],
    )
    language: LanguageTag | None = Field(
        default=None,
        description=(
            "Language of the text as a BCP 47 tag (`es`, `en-GB`); by default guessed from its"
            " script and its most common words."
        ),
        examples=["es"],
    )


TYPE = RenderType(
    name="align",
    summary=(
        "Find when each word of a known text is spoken: `words` is"
        ' `{"language", "duration", "method", "text", "words": [{"text", "start_ts", "end_ts"}]}`.'
    ),
    params=AlignParams,
    inputs={"audio": HEARD_INPUT},
    outputs=(WORDS_OUTPUT, VTT_OUTPUT),
    takes_format=False,
    example={"text": "One, two, three.", "language": "en"},
    example_inputs={"audio": ("voice",)},
)
