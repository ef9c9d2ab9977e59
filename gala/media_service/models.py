"""What a media service takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gala.errors import InvalidRequest
from gala.validation import invalid_request

MediaType: TypeAlias = Literal["image", "video", "audio", "tmp"]
MEDIA_TYPES: Final[tuple[MediaType, ...]] = ("image", "video", "audio", "tmp")


class FileState(StrEnum):
    """How far a promised file is."""

    PROCESSING = "processing"
    READY = "ready"
    NOT_FOUND = "not_found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """The state of a file; ``error`` is why it failed."""

    state: FileState
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Generated:
    file_id: str

    def __str__(self) -> str:
        return self.file_id


@dataclass(frozen=True, slots=True)
class GeneratedTTS(_Generated):
    """Speech that is ready; its length in seconds."""

    duration: float | None = None

    __str__ = _Generated.__str__


@dataclass(frozen=True, slots=True)
class GeneratedVideo(_Generated):
    """A video that is ready; its length in seconds, its sides in pixels."""

    duration: float | None = None
    width: int | None = None
    height: int | None = None

    __str__ = _Generated.__str__


@dataclass(frozen=True, slots=True)
class GeneratedImage(_Generated):
    """A picture that is ready, and where it came from."""

    url: str | None = None

    __str__ = _Generated.__str__


MediaId: TypeAlias = str | GeneratedTTS | GeneratedVideo | GeneratedImage
"""A media id, or what carries one."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Voice(_Words):
    """``voice_config``: who speaks, and how."""

    engine: Literal["kokoro", "chatterbox", "espeak", "openai", "auto"] | None = None
    """Absent: ``chatterbox`` where there is a sample, else ``kokoro``."""
    voice: str | None = None
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    sample_path: Path | None = None
    exaggeration: Annotated[float, Field(ge=0, le=2)] = 0.5
    cfg_weight: Annotated[float, Field(ge=0, le=1)] = 0.5
    temperature: Annotated[float, Field(ge=0.05, le=5)] = 0.8

    @property
    def speaker(self) -> str:
        """The engine that speaks."""
        return self.engine or ("chatterbox" if self.sample_path else "kokoro")


def voice_of(config: Mapping[str, Any] | None) -> Voice:
    """The voice of a ``voice_config``; what is ``None`` in it is absent.

    Raises ``InvalidRequest`` naming the field.
    """
    given = {name: value for name, value in (config or {}).items() if value not in (None, "")}
    try:
        voice = Voice.model_validate(given)
    except ValidationError as error:
        raise invalid_request(error, "voice_config") from error
    if voice.sample_path and voice.speaker != "chatterbox":
        raise InvalidRequest(
            "voice_config.sample_path: only chatterbox speaks with the voice of a sample.",
            field="voice_config.sample_path",
        )
    return voice


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedVideo:
    """A captioned video to be made: a picture, what is said and by which sound, and its look."""

    image_id: str
    audio_id: str
    text: str
    captions: Mapping[str, Any]
    """The media server's ``caption_config_*`` fields, without that prefix."""
    width: int
    height: int
    image_effect: str


class MediaBackend(Protocol):
    """Where the work is done. What makes a file gives its id at once and works on.

    Errors are those of :mod:`gala.errors`, the same behind every door.
    """

    async def healthy(self) -> bool:
        """Whether it can work."""

    async def speak(self, text: str, voice: Voice) -> str:
        """Begin a speech."""

    async def caption(self, video: CaptionedVideo) -> str:
        """Begin a captioned video."""

    async def merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Begin a merge; the music is a file here."""

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Keep a file of here."""

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Keep what a URL names."""

    async def status(self, file_id: str) -> FileStatus:
        """How far a file is."""

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait so long before the next look at a file's status, or less if it is known to end."""

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """``duration`` and, of a video, ``width`` and ``height``."""

    async def url(self, file_id: str) -> str:
        """Where the file's bytes are."""

    async def download(self, file_id: str, target: Path) -> None:
        """Copy a file to here, whole or not at all."""

    async def delete(self, file_id: str) -> None:
        """Forget a file; harmless if there is none."""

    async def close(self) -> None:
        """Stop what is under way here, and give back what was taken."""
