"""Request and response bodies of Kokoro-FastAPI."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, Field

from gala.json_model import JsonModel
from gala.render_types.params.voice import MAX_TEXT
from gala.speech_protocol import SpeechFormat
from gala_api.schemas.common import Sent

DEFAULT_MODEL: Final = "kokoro"
MAX_PHONEMIZED: Final = 2_000
_IGNORED: Final = "Accepted and ignored."
_REFUSED: Final = "Not supported: must be false or absent."


class CaptionedSpeechRequest(JsonModel):
    """A request for speech with the times of its words."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"model": "tts-1", "voice": "alloy", "input": "Hello.", "stream": False}]
        },
    )

    model: str = Field(
        default=DEFAULT_MODEL,
        max_length=200,
        description="An engine's name; `tts-1` and `tts-1-hd` select the best available engine.",
    )
    input: str = Field(min_length=1, max_length=MAX_TEXT, description="The text.")
    voice: str | None = Field(
        default=None,
        max_length=200,
        description="A voice, or several: `af_bella(2)+af_sky(1)`; by default the engine's.",
    )
    response_format: SpeechFormat = SpeechFormat.MP3
    speed: float = Field(default=1.0, ge=0.25, le=4)
    stream: bool = Field(
        default=True,
        description="Whether the audio is sent in pieces, while it is synthesized, each in a line"
        " of JSON; or at once, in one object.",
    )
    return_timestamps: bool = True
    lang_code: str | None = Field(
        default=None,
        max_length=35,
        description="Kokoro's letter of the language, or a BCP 47 tag; by default the voice's.",
    )
    volume_multiplier: float | None = Field(default=1.0, gt=0, le=10)
    normalization_options: dict[str, Any] | None = Field(
        default=None,
        description="`normalize: false` leaves numbers, dates, money and the like to the engine;"
        " all other options are ignored.",
    )
    return_download_link: bool = Field(default=False, description=_REFUSED)
    allow_voice_tags: bool = Field(default=False, description=_REFUSED)
    ssml: bool = Field(default=False, description=_REFUSED)
    voice_aliases: dict[str, Any] | None = Field(
        default=None, description="Not supported: must be empty or absent."
    )


class PhonemeRequest(JsonModel):
    """A text whose pronunciation is wanted."""

    model_config = ConfigDict(
        extra="ignore", json_schema_extra={"examples": [{"text": "Hello world!", "language": "a"}]}
    )

    text: str = Field(min_length=1, max_length=MAX_PHONEMIZED)
    language: str = Field(
        default="a",
        min_length=1,
        max_length=35,
        description="Kokoro's letter of the language, or a BCP 47 tag.",
    )


class PhonemeResponse(Sent):
    """The pronunciation of a text."""

    phonemes: str = Field(description="IPA symbols; words are separated by spaces.")
    tokens: list[int] = Field(description="Always empty, as in Kokoro-FastAPI.")


class WordTimestamp(Sent):
    """A word with the times in seconds from the start of the audio."""

    word: str
    start_time: float
    end_time: float


class CaptionedSpeechResponse(Sent):
    """The audio in Base64, and the words that it contains."""

    audio: str = Field(description="Base64; in a stream, the next bytes of the audio.")
    audio_format: str = Field(examples=["audio/mpeg"])
    timestamps: list[WordTimestamp] | None


class ErrorDetail(Sent):
    """An error in Kokoro-FastAPI's format."""

    error: str = Field(examples=["validation_error"])
    message: str
    type: str = Field(examples=["invalid_request_error"])


class ErrorResponse(Sent):
    """An error of Kokoro-FastAPI's routes."""

    detail: ErrorDetail


class FieldProblem(Sent):
    """One invalid field."""

    loc: list[str | int]
    msg: str
    type: str


class InvalidBodyResponse(Sent):
    """Invalid fields, in FastAPI's format."""

    detail: list[FieldProblem]
