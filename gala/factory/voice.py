"""Speech, also with the voice of a sample: by GALA's engine, or by a service."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gala.errors import InvalidRequest
from gala.factory import engine_tasks
from gala.factory.base import MediaFactory
from gala.factory.endpoints import endpoint_of, kept
from gala.factory.inputs import Source
from gala.factory.models import Callback, MediaResult, MediaTask, MediaType
from gala.factory.validation import InvalidParameters, parsed, refused
from gala.generation.request_spec import Ask
from gala.generation.task_context import TaskContext
from gala.media import MediaClass
from gala.media_server.render_orders import checked

_USUAL: Final = frozenset({"", "default", "narrator", "neutral", "professional"})
"""Voices in general, not by an engine's name: its usual one for the language."""


class VoiceParameters(BaseModel):
    """What is spoken, and by whom; ``options`` are more params of the job type ``tts``."""

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
        """The params of ``tts``."""
        usual = "chatterbox" if self.sample_audio else "auto"
        params: dict[str, Any] = {"text": self.text, "engine": self.engine or usual}
        params["speed"] = float(self.speed)
        if self.voice and self.voice not in _USUAL:
            params["voice"] = self.voice
        if self.language:
            params["language"] = self.language
        return {**params, **self.options}


class VoiceWorkflow(MediaFactory):
    """Speaks ``{"text", "voice", "language"}``, with ``sample_audio`` in that file's voice."""

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
        """Begin a speech. ``voice`` is the engine's name of one, or ``professional``: its usual."""
        return self.process({"text": text, "voice": voice, "language": language}, callback=callback)

    def clone_voice(
        self, sample_audio: object, text: str, *, callback: Callback | None = None
    ) -> MediaTask:
        """Begin a speech with the voice of a recording: a path, or the result of a task."""
        return self.process({"text": text, "sample_audio": sample_audio}, callback=callback)

    def validate_parameters(self, params: Mapping[str, Any]) -> bool:
        """``True``; raises ``ValueError`` naming what is wrong."""
        self._parsed(params)
        return True

    def process(self, params: Mapping[str, Any], *, callback: Callback | None = None) -> MediaTask:
        """Begin a speech."""
        wanted = self._parsed(params)

        async def do(work: TaskContext) -> MediaResult:
            if self._endpoint is not None:
                asks = await work.in_thread(lambda: _asks(wanted, self.config.default_model))
                return kept(await self._endpoint.make(work, asks, MediaClass.AUDIO))
            inputs = {"sample": [wanted.sample_audio]} if wanted.sample_audio else {}
            order = checked("tts", wanted.params, {})
            needs = str(wanted.params["engine"])
            return await engine_tasks.make(self.config, work, order, inputs, needs)

        same = (self.config.service_endpoint, self.config.default_model, wanted.model_dump())
        cached = None if self.config.api_url else same
        return self.start(params, do, callback=callback, same=cached)

    def _parsed(self, params: Mapping[str, Any]) -> VoiceParameters:
        wanted = parsed(VoiceParameters, params)
        try:
            checked("tts", wanted.params, {})
        except InvalidRequest as error:
            raise refused(error) from error
        if self._endpoint is not None and isinstance(wanted.sample_audio, str):
            raise InvalidParameters({"sample_audio": "must be a file: the service knows no assets"})
        if wanted.sample_audio and self._endpoint is None and not _clones(wanted):
            raise InvalidParameters({"engine": "only chatterbox speaks with a sample's voice"})
        return wanted

    def _get_supported_formats(self) -> list[str]:
        return ["wav"] if self._endpoint is None else ["wav", "mp3", "ogg", "flac"]

    def _get_features(self) -> list[str]:
        return ["text_to_speech", "clone_voice", "batch", "progress", "cancel", "cache"]


def _clones(wanted: VoiceParameters) -> bool:
    return str(wanted.params["engine"]) == "chatterbox"


def _asks(wanted: VoiceParameters, model: str | None) -> list[Ask]:
    plain: dict[str, Any] = {"text": wanted.text, "voice": wanted.voice, "speed": wanted.speed}
    plain |= {"language": wanted.language, "model": model, **wanted.options}
    if isinstance(wanted.sample_audio, Path):
        plain["sample_audio"] = base64.b64encode(wanted.sample_audio.read_bytes()).decode()
    body = {name: one for name, one in plain.items() if one is not None}
    # Which engine speaks is the service's own business.
    unsaid = ("engine",) if wanted.engine else ()
    told = [Ask("/generate", body, unsaid)]
    return told if wanted.sample_audio else [_openai(wanted, model, unsaid), *told]


def _openai(wanted: VoiceParameters, model: str | None, unsaid: tuple[str, ...]) -> Ask:
    named = None if wanted.voice in _USUAL else wanted.voice
    speech = {"model": model or "tts-1", "input": wanted.text, "voice": named or "alloy"}
    body = {**speech, "response_format": "wav", "speed": wanted.speed}
    language = ("language",) if wanted.language else ()
    ignored = dict.fromkeys((*unsaid, *language, *wanted.options))
    return Ask("/v1/audio/speech", body, tuple(ignored))
