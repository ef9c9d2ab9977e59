"""The door that opens here where it can, and on a server where it cannot."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias, cast
from weakref import WeakValueDictionary

from gala.errors import EngineMissing, Unavailable
from gala.media_service.backends.local import LocalBackend
from gala.media_service.backends.remote import RemoteBackend
from gala.media_service.models import (
    CaptionedVideo,
    FileState,
    FileStatus,
    MediaBackend,
    MediaType,
    Voice,
)

_Work: TypeAlias = Callable[[MediaBackend], Awaitable[str]]

_WANTING: Final = (EngineMissing, Unavailable)
"""An engine is not installed, or what it asks (Chatterbox's own server, say) does not answer."""


class FallbackBackend:
    """Work is done here; for want of an engine, on the server.

    A file may then be on either side: what is known here is asked here, and is carried over when
    the other side needs it. An id stays what it was, also when the work on it went over.
    """

    def __init__(self, local: LocalBackend, remote: RemoteBackend):
        self._local = local
        self._remote = remote
        self._carried: dict[str, str] = {}
        """Ids of here → of their copies on the server, and the other way."""
        self._begun: dict[str, _Work] = {}
        """Work under way here, so that the server can do it instead."""
        self._moved: dict[str, str] = {}
        """Ids promised here → what the server promised for them."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Held by who moves or removes a file; there only while somebody wants one."""

    async def healthy(self) -> bool:
        """Whether one of both can work."""
        return await self._local.healthy() or await self._remote.healthy()

    async def speak(self, text: str, voice: Voice) -> str:
        """Begin a speech."""
        return await self._first_here(lambda backend: backend.speak(text, voice))

    async def caption(self, video: CaptionedVideo) -> str:
        """Begin a captioned video, with its picture and sound carried to where it is made."""

        async def on(backend: MediaBackend) -> str:
            image = await self._on(backend, video.image_id)
            audio = await self._on(backend, video.audio_id)
            return await backend.caption(replace(video, image_id=image, audio_id=audio))

        return await self._first_here(on)

    async def merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Begin a merge, with its clips carried to where it is made."""

        async def on(backend: MediaBackend) -> str:
            there = [await self._on(backend, one) for one in video_ids]
            return await backend.merge(there, music, volume)

        return await self._first_here(on)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Keep it here, or on the server if there will be no work here."""
        return await (await self._usual()).upload(path, media_type)

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Fetch it to here, or have the server do it."""
        return await (await self._usual()).upload_url(url, media_type)

    async def status(self, file_id: str) -> FileStatus:
        """As the side tells that has it; what failed for want of an engine here goes over."""
        backend, there = await self._of(file_id)
        found = await backend.status(there)
        if backend is self._local and isinstance(found.error, _WANTING):
            return await self._handed_over(file_id, found)
        if found.state is not FileState.PROCESSING:
            self._begun.pop(file_id, None)
        return found

    async def pause(self, file_id: str, seconds: float) -> None:
        """As the side waits that has it."""
        backend, there = await self._of(file_id)
        await backend.pause(there, seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """As the side tells that has it; for want of an engine here, the server looks."""
        backend, there = await self._of(file_id)
        try:
            return await backend.info(there)
        except EngineMissing:
            return await self._remote.info(await self._on(self._remote, file_id))

    async def url(self, file_id: str) -> str:
        """Where the side has it that has it."""
        backend, there = await self._of(file_id)
        return await backend.url(there)

    async def download(self, file_id: str, target: Path) -> None:
        """From the side that has it."""
        backend, there = await self._of(file_id)
        await backend.download(there, target)

    async def delete(self, file_id: str) -> None:
        """On the side that has it; its copy on the other side goes, too."""
        # What is on its way over is waited for: nobody could remove it there afterwards.
        async with self._lock(file_id):
            backend, there = await self._of(file_id)
            await backend.delete(there)
            self._begun.pop(file_id, None)
            if self._moved.pop(file_id, None):
                await self._local.delete(file_id)
            copy = self._carried.get(file_id)
            if copy is not None:
                await self.delete(copy)
                del self._carried[file_id]

    async def close(self) -> None:
        """Close both."""
        await self._local.close()
        await self._remote.close()

    async def _first_here(self, work: _Work) -> str:
        if not await self._local.healthy():
            return await work(self._remote)
        try:
            file_id = await work(self._local)
        except EngineMissing:
            return await work(self._remote)
        self._begun[file_id] = work
        return file_id

    async def _handed_over(self, file_id: str, failed: FileStatus) -> FileStatus:
        """Have the server do it; why it failed here, if no server answers: the next look tries."""
        # Several may be waiting for it, and the server shall make it once.
        async with self._lock(file_id):
            if file_id in self._moved:
                return FileStatus(FileState.PROCESSING)
            work = self._begun.get(file_id)
            if work is None:
                return FileStatus(FileState.NOT_FOUND)
            try:
                self._moved[file_id] = await work(self._remote)
            except Unavailable:
                return failed
            del self._begun[file_id]
        return FileStatus(FileState.PROCESSING)

    def _lock(self, file_id: str) -> asyncio.Lock:
        return self._locks.setdefault(file_id, asyncio.Lock())

    async def _usual(self) -> MediaBackend:
        return self._local if await self._local.healthy() else self._remote

    async def _of(self, file_id: str) -> tuple[MediaBackend, str]:
        """The side that has a file, and its id there."""
        if file_id in self._moved:
            return self._remote, self._moved[file_id]
        found = await self._local.status(file_id)
        return self._remote if found.state is FileState.NOT_FOUND else self._local, file_id

    async def _on(self, backend: MediaBackend, file_id: str) -> str:
        """The id of that file behind this door; it is carried there if it is not."""
        home, there = await self._of(file_id)
        if home is backend:
            return there
        async with self._lock(file_id):
            if file_id not in self._carried:
                self._carried[file_id] = await _carry(there, home, backend)
            return self._carried[file_id]


async def _carry(file_id: str, home: MediaBackend, other: MediaBackend) -> str:
    media_type, _, name = file_id.partition("_")
    with tempfile.TemporaryDirectory(prefix="gala-carry-") as folder:
        copy = Path(folder) / f"carried{Path(name).suffix}"
        await home.download(file_id, copy)
        return await other.upload(copy, cast(MediaType, media_type))
