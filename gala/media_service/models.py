"""Requests and results of a media service, and the protocol of its backends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from gala.media_server.ids import FileStatus, MediaType
from gala.media_server.voice_config import VoiceConfig
from gala.render_types.params.captions import CaptionParams


@dataclass(frozen=True, slots=True)
class FileReport:
    """The status of a file; ``error`` says why it failed."""

    status: FileStatus
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Generated:
    file_id: str

    def __str__(self) -> str:
        return self.file_id


@dataclass(frozen=True, slots=True)
class GeneratedTTS(_Generated):
    """Finished speech; ``duration`` is in seconds."""

    duration: float | None = None

    __str__ = _Generated.__str__


@dataclass(frozen=True, slots=True)
class GeneratedVideo(_Generated):
    """A finished video; ``duration`` is in seconds, ``width`` and ``height`` in pixels."""

    duration: float | None = None
    width: int | None = None
    height: int | None = None

    __str__ = _Generated.__str__


@dataclass(frozen=True, slots=True)
class GeneratedImage(_Generated):
    """A finished image, and the URL that it was fetched from."""

    url: str | None = None

    __str__ = _Generated.__str__


MediaId: TypeAlias = str | GeneratedTTS | GeneratedVideo | GeneratedImage
"""A media id, or a result that contains one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedVideo:
    """A request for a captioned video; ``width`` and ``height`` are in pixels."""

    image_id: str
    audio_id: str
    text: str
    captions: CaptionParams
    width: int
    height: int
    image_effect: str


class MediaBackend(Protocol):
    """Does the work of a media service.

    The ``start_…`` methods return the id of the future file at once. Every backend raises the same
    errors, those of :mod:`gala.errors`.
    """

    async def is_healthy(self) -> bool:
        """Return True if the backend can work."""

    async def start_speech(self, text: str, voice: VoiceConfig) -> str:
        """Start generating speech."""

    async def start_captioned_video(self, video: CaptionedVideo) -> str:
        """Start rendering a captioned video."""

    async def start_merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Start joining videos; ``music`` is a local file, ``volume`` is 0 to 1."""

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Store a local file and return its id."""

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Store the file at a URL and return its id."""

    async def status(self, file_id: str) -> FileReport:
        """Return the status of a file."""

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait ``seconds`` before the next status request, or less if the work ends earlier."""

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """Return the ``duration`` and, of a video, the ``width`` and ``height``."""

    async def url(self, file_id: str) -> str:
        """Return the URL of the file's content."""

    async def download(self, file_id: str, target: Path) -> None:
        """Copy a file to ``target``, completely or not at all."""

    async def delete(self, file_id: str) -> None:
        """Delete a file; do nothing if there is none."""

    async def close(self) -> None:
        """Cancel local work and release resources."""
