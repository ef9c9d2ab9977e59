"""The backend that works in this process if possible, and on a media server otherwise."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias
from weakref import WeakValueDictionary

from gala.errors import EngineMissing, Unavailable
from gala.media_server.ids import FileStatus, MediaType, file_name, parse_media_type
from gala.media_server.voice_config import VoiceConfig
from gala.media_service.backends.local import LocalBackend
from gala.media_service.backends.remote import RemoteBackend
from gala.media_service.models import CaptionedVideo, FileReport, MediaBackend

_Operation: TypeAlias = Callable[[MediaBackend], Awaitable[str]]

_FALLBACK_ERRORS: Final = (EngineMissing, Unavailable)
"""An engine is not installed, or a service that it needs (Chatterbox's server) does not answer."""


class FallbackBackend:
    """Works locally, and on the server if an engine is missing.

    A file may be on either side: a file that is known locally is handled locally, and is copied
    when the other side needs it. Its id does not change, even if the server finishes the work.
    """

    def __init__(self, local: LocalBackend, remote: RemoteBackend):
        self._local = local
        self._remote = remote
        self._copies: dict[str, str] = {}
        """Ids of local files → ids of their copies on the server, and the reverse."""
        self._running: dict[str, _Operation] = {}
        """Operations that run locally, so that the server can repeat them."""
        self._moved: dict[str, str] = {}
        """Ids returned by the local backend → ids of the server's files that replace them."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Held while a file is copied or deleted; dropped when no task uses it."""

    async def is_healthy(self) -> bool:
        """Return True if at least one side can work."""
        return await self._local.is_healthy() or await self._remote.is_healthy()

    async def start_speech(self, text: str, voice: VoiceConfig) -> str:
        """Start generating speech."""
        return await self._start(lambda backend: backend.start_speech(text, voice))

    async def start_captioned_video(self, video: CaptionedVideo) -> str:
        """Start rendering a captioned video; its image and audio are copied to the side in use."""

        async def start_on(backend: MediaBackend) -> str:
            image = await self._id_on(backend, video.image_id)
            audio = await self._id_on(backend, video.audio_id)
            return await backend.start_captioned_video(
                replace(video, image_id=image, audio_id=audio)
            )

        return await self._start(start_on)

    async def start_merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Start joining videos; they are copied to the side in use."""

        async def start_on(backend: MediaBackend) -> str:
            copies = [await self._id_on(backend, video_id) for video_id in video_ids]
            return await backend.start_merge(copies, music, volume)

        return await self._start(start_on)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Store a file locally, or on the server if there is no local engine."""
        return await (await self._default()).upload(path, media_type)

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Fetch a file locally, or by the server if there is no local engine."""
        return await (await self._default()).upload_url(url, media_type)

    async def status(self, file_id: str) -> FileReport:
        """Return the status; work that failed for lack of a local engine moves to the server."""
        backend, backend_id = await self._locate(file_id)
        report = await backend.status(backend_id)
        if backend is self._local and isinstance(report.error, _FALLBACK_ERRORS):
            return await self._move_to_server(file_id, report)
        if report.status is not FileStatus.PROCESSING:
            self._running.pop(file_id, None)
        return report

    async def pause(self, file_id: str, seconds: float) -> None:
        """Wait for the side that has the file."""
        backend, backend_id = await self._locate(file_id)
        await backend.pause(backend_id, seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """Return the side's information; a copy goes to the server if the engine is missing."""
        backend, backend_id = await self._locate(file_id)
        try:
            return await backend.info(backend_id)
        except EngineMissing:
            return await self._remote.info(await self._id_on(self._remote, file_id))

    async def url(self, file_id: str) -> str:
        """Return the URL on the side that has the file."""
        backend, backend_id = await self._locate(file_id)
        return await backend.url(backend_id)

    async def download(self, file_id: str, target: Path) -> None:
        """Copy the file from the side that has it."""
        backend, backend_id = await self._locate(file_id)
        await backend.download(backend_id, target)

    async def delete(self, file_id: str) -> None:
        """Delete the file and its copy on the other side."""
        # Wait for a copy in progress: its id would be unknown afterwards.
        async with self._lock(file_id):
            backend, backend_id = await self._locate(file_id)
            await backend.delete(backend_id)
            self._running.pop(file_id, None)
            if self._moved.pop(file_id, None):
                await self._local.delete(file_id)
            copy = self._copies.get(file_id)
            if copy is not None:
                await self.delete(copy)
                del self._copies[file_id]

    async def close(self) -> None:
        """Close both sides."""
        await self._local.close()
        await self._remote.close()

    async def _start(self, operation: _Operation) -> str:
        if not await self._local.is_healthy():
            return await operation(self._remote)
        try:
            file_id = await operation(self._local)
        except EngineMissing:
            return await operation(self._remote)
        self._running[file_id] = operation
        return file_id

    async def _move_to_server(self, file_id: str, failed: FileReport) -> FileReport:
        """Repeat the operation on the server; return ``failed`` if the server does not answer, so
        that the next status request tries again."""
        # Several tasks may wait for the file, and the server must render it once.
        async with self._lock(file_id):
            if file_id in self._moved:
                return FileReport(FileStatus.PROCESSING)
            operation = self._running.get(file_id)
            if operation is None:
                return FileReport(FileStatus.NOT_FOUND)
            try:
                self._moved[file_id] = await operation(self._remote)
            except Unavailable:
                return failed
            del self._running[file_id]
        return FileReport(FileStatus.PROCESSING)

    def _lock(self, file_id: str) -> asyncio.Lock:
        return self._locks.setdefault(file_id, asyncio.Lock())

    async def _default(self) -> MediaBackend:
        return self._local if await self._local.is_healthy() else self._remote

    async def _locate(self, file_id: str) -> tuple[MediaBackend, str]:
        """Return the side that has a file, and the file's id there."""
        if file_id in self._moved:
            return self._remote, self._moved[file_id]
        report = await self._local.status(file_id)
        return self._remote if report.status is FileStatus.NOT_FOUND else self._local, file_id

    async def _id_on(self, backend: MediaBackend, file_id: str) -> str:
        """Return the file's id on that side; copy the file there if necessary."""
        source, source_id = await self._locate(file_id)
        if source is backend:
            return source_id
        async with self._lock(file_id):
            if file_id not in self._copies:
                self._copies[file_id] = await _copy(source_id, source, backend)
            return self._copies[file_id]


async def _copy(file_id: str, source: MediaBackend, target: MediaBackend) -> str:
    with tempfile.TemporaryDirectory(prefix="gala-copy-") as folder:
        copy = Path(folder) / f"copy{Path(file_name(file_id)).suffix}"
        await source.download(file_id, copy)
        return await target.upload(copy, parse_media_type(file_id.partition("_")[0]))
