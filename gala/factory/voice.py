"""Speech, also in the voice of a sample, from GALA's engine or from a service."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, result_of
from gala.factory.inputs import Source
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.validation import InvalidParameters, invalid_parameters, parsed
from gala.generation.image_requests import ServiceRequest
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.media_server.render_orders import validated_order

_GENERIC_VOICES: Final = frozenset({"", "default", "narrator", "neutral", "professional"})
"""Names that select the engine's default voice for the language."""


class VoiceParameters(BaseModel):
    """The parameters of speech; ``options`` are further params of the render type ``tts``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    voice: Annotated[str, Field(max_length=200)] | None = None
    language: str | None = None
    sample_audio: Source | None = None
    engine: Literal["auto", "espeak", "kokoro", "chatterbox", "openai"] | None = None
    speed: float = 1.0
    options: Mapping[str, Any] = {}

    @property
    def params(self) -> dict[str, Any]:
        """Return the params of the render type ``tts``."""
        default = "chatterbox" if self.sample_audio else "auto"
        params: dict[str, Any] = {"text": self.text, "engine": self.engine or default}
        params["speed"] = float(self.speed)
        if self.voice and self.voice not in _GENERIC_VOICES:
            params["voice"] = self.voice
        if self.language:
            params["language"] = self.language
        return {**params, **self.options}


class VoiceWorkflow(MediaFactory):
    """Speaks ``{"text", "voice", "language"}``; with ``sample_audio``, in that file's voice."""

    media_type: ClassVar[MediaType] = MediaType.VOICE

    def _setup(self) -> None:
        url = self.config.service_endpoint
        self._endpoint = endpoint_of(self.config, url) if url else None

    def text_to_speech(
        self,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        *,
        callback: Callback | None = None,
    ) -> MediaTask:
        """Start a speech task; ``voice`` is a name of the engine, or ``professional`` (default)."""
        return self.process({"text": text, "voice": voice, "language": language}, callback=callback)

    def clone_voice(
        self, sample_audio: object, text: str, *, callback: Callback | None = None
    ) -> MediaTask:
        """Start a speech task in the voice of a recording: a path, or the result of a task."""
        return self.process({"text": text, "sample_audio": sample_audio}, callback=callback)

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """Return ``True``, or raise ``ValueError`` naming the invalid parameters."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Start a speech task."""
        parameters = self._parsed(params)

        async def do(context: TaskContext) -> MediaResult:
            if self._endpoint is not None:
                requests = await context.in_thread(
                    lambda: _requests(parameters, self.config.default_model)
                )
                return result_of(await self._endpoint.make(context, requests, MediaClass.AUDIO))
            inputs = {"sample": [parameters.sample_audio]} if parameters.sample_audio else {}
            order = validated_order("tts", parameters.params, {})
            needs = str(parameters.params["engine"])
            return await engine_tasks.make(self.config, context, order, inputs, needs)

        same = (self.config.service_endpoint, self.config.default_model, parameters.model_dump())
        cached = None if self.config.api_url else same
        return self.start(params, do, callback=callback, same=cached)

    def _parsed(self, params: Mapping[str, Any]) -> VoiceParameters:
        parameters = parsed(VoiceParameters, params)
        try:
            validated_order("tts", parameters.params, {})
        except InvalidRequest as error:
            raise invalid_parameters(error) from error
        if self._endpoint is not None and isinstance(parameters.sample_audio, str):
            raise InvalidParameters({"sample_audio": "must be a file for this service"})
        if parameters.sample_audio and self._endpoint is None and not _can_clone(parameters):
            raise InvalidParameters({"engine": "must be chatterbox to use a sample"})
        return parameters

    def _get_supported_formats(self) -> list[str]:
        return ["wav"] if self._endpoint is None else ["wav", "mp3", "ogg", "flac"]

    def _get_features(self) -> list[str]:
        return ["text_to_speech", "clone_voice", "batch", "progress", "cancel", "cache"]


def _can_clone(parameters: VoiceParameters) -> bool:
    return str(parameters.params["engine"]) == "chatterbox"


def _requests(parameters: VoiceParameters, model: str | None) -> list[ServiceRequest]:
    plain: dict[str, Any] = {
        "text": parameters.text,
        "voice": parameters.voice,
        "speed": parameters.speed,
    }
    plain |= {"language": parameters.language, "model": model, **parameters.options}
    if isinstance(parameters.sample_audio, Path):
        plain["sample_audio"] = base64.b64encode(parameters.sample_audio.read_bytes()).decode()
    body = {name: one for name, one in plain.items() if one is not None}
    # The service decides which engine it uses.
    ignored = ("engine",) if parameters.engine else ()
    requests = [ServiceRequest("/generate", body, ignored)]
    return requests if parameters.sample_audio else [_openai(parameters, model, ignored), *requests]


def _openai(
    parameters: VoiceParameters, model: str | None, unsupported: tuple[str, ...]
) -> ServiceRequest:
    named = None if parameters.voice in _GENERIC_VOICES else parameters.voice
    speech = {"model": model or "tts-1", "input": parameters.text, "voice": named or "alloy"}
    body = {**speech, "response_format": "wav", "speed": parameters.speed}
    language = ("language",) if parameters.language else ()
    ignored = dict.fromkeys((*unsupported, *language, *parameters.options))
    return ServiceRequest("/v1/audio/speech", body, tuple(ignored))
