"""Speech over the wire, as OpenAI's clients say it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.render_types.params.voice import MAX_TEXT, LanguageTag
from gala.speech_protocol import SpeechFormat
from gala_api.schemas.common import Sent

DEFAULT_MODEL: Final = "tts-1"


class VoiceRef(BaseModel):
    """A voice by its id, as newer clients name it."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=200)


class CreateSpeechRequest(BaseModel):
    """What to say. Fields that OpenAI has and GALA does not know are ignored, as clients expect."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"model": "tts-1", "voice": "alloy", "input": "Hello from GALA."}]
        },
    )

    model: str = Field(
        default=DEFAULT_MODEL,
        max_length=200,
        description="One of `GET /v1/models`: an engine's name, or OpenAI's for the best there is.",
    )
    input: str = Field(
        min_length=1,
        max_length=MAX_TEXT,
        description="The text; `[pause 0.5s]` is a pause.",
        examples=["Hello from GALA."],
    )
    voice: str | VoiceRef | None = Field(
        default=None,
        description="One of `GET /v1/audio/voices`, or one of OpenAI's names; by default the"
        " usual one of the text's language.",
        examples=["alloy"],
    )
    response_format: SpeechFormat = SpeechFormat.MP3
    speed: float = Field(default=1.0, ge=0.25, le=4)
    stream_format: Literal["audio", "sse"] = Field(
        default="audio", description="The bytes themselves, or events that carry them in Base64."
    )
    instructions: str | None = Field(
        default=None, max_length=4096, description="Taken and not followed: no engine here can."
    )
    language: LanguageTag | None = Field(
        default=None, description="GALA's own: the text's language as BCP 47.", examples=["es"]
    )

    @property
    def voice_name(self) -> str | None:
        """The voice's name, however it was given."""
        return self.voice.id if isinstance(self.voice, VoiceRef) else self.voice


class SpeechVoice(Sent):
    """A voice that can be asked for."""

    id: str = Field(examples=["af_heart"])
    name: str
    engine: str = Field(examples=["kokoro"])
    language: str = Field(examples=["en-US"])
    gender: str | None


class VoicesResponse(Sent):
    """Every voice of every engine that can speak here."""

    voices: list[SpeechVoice]


class SpeechModel(Sent):
    """A model as OpenAI's clients know it."""

    id: str = Field(examples=["tts-1"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "gala"


class ModelsResponse(Sent):
    """What can be named as `model`."""

    object: Literal["list"] = "list"
    data: list[SpeechModel]


class Transcription(BaseModel):
    """What was heard; `verbose_json` tells also when."""

    model_config = ConfigDict(extra="allow")

    text: str
    usage: dict[str, Any] | None = None


class OpenAIErrorBody(Sent):
    """What went wrong, as OpenAI's clients read it."""

    message: str
    type: str = Field(examples=["invalid_request_error"])
    param: str | None
    code: str | None = Field(examples=["validation_error"])


class OpenAIError(Sent):
    """An error of the routes under `/v1`."""

    error: OpenAIErrorBody
