"""Request and response bodies of OpenAI's audio API."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.json_model import JsonModel
from gala.render_types.params.language_tags import LanguageTag
from gala.render_types.params.voice import MAX_TEXT
from gala.speech_protocol import SpeechFormat
from gala_api.schemas.common import Sent

DEFAULT_MODEL: Final = "tts-1"


class VoiceRef(BaseModel):
    """A voice by its id, as newer clients send it."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=200)


class CreateSpeechRequest(JsonModel):
    """A request for speech. OpenAI's fields that GALA does not support are ignored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"model": "tts-1", "voice": "alloy", "input": "Hello from GALA."}]
        },
    )

    model: str = Field(
        default=DEFAULT_MODEL,
        max_length=200,
        description="One of `GET /v1/models`: an engine's name, or OpenAI's for the best one.",
    )
    input: str = Field(
        min_length=1,
        max_length=MAX_TEXT,
        description="The text; `[pause 0.5s]` and blank lines insert pauses.",
        examples=["Hello from GALA."],
    )
    voice: str | VoiceRef | None = Field(
        default=None,
        description="One of `GET /v1/audio/voices`, or one of OpenAI's names; by default the"
        " default voice of the text's language.",
        examples=["alloy"],
    )
    response_format: SpeechFormat = SpeechFormat.MP3
    speed: float = Field(default=1.0, ge=0.25, le=4)
    stream_format: Literal["audio", "sse"] = Field(
        default="audio", description="The audio itself, or events that contain it in Base64."
    )
    instructions: str | None = Field(
        default=None, max_length=4096, description="Accepted and ignored: no engine supports it."
    )
    language: LanguageTag | None = Field(
        default=None,
        description="GALA's extension: the text's language as BCP 47.",
        examples=["es"],
    )

    @property
    def voice_name(self) -> str | None:
        """The voice's name, from either form of the field."""
        return self.voice.id if isinstance(self.voice, VoiceRef) else self.voice


class SpeechVoice(Sent):
    """An available voice."""

    id: str = Field(examples=["af_heart"])
    name: str
    engine: str = Field(examples=["kokoro"])
    language: str = Field(examples=["en-US"])
    gender: str | None
    licence: str | None = Field(description="GALA's extension: as in `GET /voices`.")
    description: str = Field(description="GALA's extension: as in `GET /voices`.")
    sample_url: str = Field(description="GALA's extension: as in `GET /voices`.")


class VoicesResponse(Sent):
    """The voices of all available engines."""

    voices: list[SpeechVoice]


class SpeechModel(Sent):
    """A model in OpenAI's format."""

    id: str = Field(examples=["tts-1"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "gala"
    backend: str | None = Field(
        default=None,
        description="GALA's extension: what runs the model, if that can differ.",
        examples=["onnx"],
    )


class ModelsResponse(Sent):
    """The names allowed as `model`."""

    object: Literal["list"] = "list"
    data: list[SpeechModel]


class AudioModel(Sent):
    """A model in the format that Open WebUI reads."""

    id: str = Field(examples=["tts-1"])
    name: str = Field(examples=["tts-1"])


class AudioModelsResponse(Sent):
    """The names allowed as `model` for speech."""

    models: list[AudioModel]


class Transcription(BaseModel):
    """A transcript; `verbose_json` also contains times."""

    model_config = ConfigDict(extra="allow")

    text: str
    usage: dict[str, Any] | None = None


class OpenAIErrorBody(Sent):
    """An error in OpenAI's format."""

    message: str
    type: str = Field(examples=["invalid_request_error"])
    param: str | None
    code: str | None = Field(examples=["validation_error"])


class OpenAIError(Sent):
    """An error of the routes under `/v1`."""

    error: OpenAIErrorBody
