"""The Python library's ``voice_config``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gala.errors import InvalidRequest
from gala.name_suggestions import language_suggestion
from gala.render_types.params.kokoro_voices import LANGUAGES as KOKORO_LANGUAGES
from gala.render_types.params.language_tags import LanguageTag
from gala.validation import invalid_request


class VoiceConfig(BaseModel):
    """The speech engine, the voice and its settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: Literal["kokoro", "chatterbox", "espeak", "openai", "auto"] | None = None
    """By default ``chatterbox`` if there is a sample, else ``kokoro``."""
    voice: str | None = None
    language: LanguageTag | None = None
    """A BCP 47 tag; by default that of the voice, or else the text's."""
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    sample_path: Path | None = None
    """A recording whose voice Chatterbox imitates."""
    exaggeration: Annotated[float, Field(ge=0, le=2)] = 0.5
    cfg_weight: Annotated[float, Field(ge=0, le=1)] = 0.5
    temperature: Annotated[float, Field(ge=0.05, le=5)] = 0.8

    @property
    def speech_engine(self) -> str:
        """The name of the engine in use."""
        return self.engine or ("chatterbox" if self.sample_path else "kokoro")


def parse_voice_config(config: Mapping[str, Any] | None) -> VoiceConfig:
    """Return the validated ``voice_config``; a value that is ``None`` or empty counts as absent.

    Raise ``InvalidRequest`` naming the field.
    """
    values = {name: value for name, value in (config or {}).items() if value not in (None, "")}
    try:
        voice = VoiceConfig.model_validate(values)
    except ValidationError as error:
        raise invalid_request(error, "voice_config") from error
    if voice.sample_path and voice.speech_engine != "chatterbox":
        raise InvalidRequest(
            "voice_config.sample_path: Only chatterbox can imitate the voice of a sample.",
            field="voice_config.sample_path",
        )
    _check_language(voice)
    return voice


def _check_language(voice: VoiceConfig) -> None:
    """Raise ``InvalidRequest`` if it is known here that the engine does not speak the language."""
    known = {"kokoro": KOKORO_LANGUAGES, "chatterbox": {"en": "English"}}.get(voice.speech_engine)
    language = voice.language
    if known is None or language is None or re.split("[-_]", language.lower())[0] in known:
        return
    raise InvalidRequest(
        f"voice_config.language: {voice.speech_engine} does not speak {language!r}."
        f" {language_suggestion(language, known)}",
        field="voice_config.language",
    )
