"""The door that opens here where it can, and on a server where it cannot."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from gala.errors import EngineMissing
from gala.service.local import LocalDoor
from gala.service.remote import RemoteDoor
from gala.service.words import CaptionedVideo, Door, FileState, FileStatus, MediaType, Voice


class AutoDoor:
    """Work is done here; for want of an engine, on the server.

    A file may then be on either side: what is known here is asked here, and is carried over when
    the other side needs it. An id stays what it was.
    """

    def __init__(self, local: LocalDoor, remote: RemoteDoor):
        self._local = local
        self._remote = remote
        self._carried: dict[str, str] = {}
        """Ids of here → of their copies on the server, and the other way."""

    async def healthy(self) -> bool:
        """Whether one of both can work."""
        return await self._local.healthy() or await self._remote.healthy()

    async def speak(self, text: str, voice: Voice) -> str:
        """Begin a speech."""
        return await self._first_here(lambda door: door.speak(text, voice))

    async def caption(self, video: CaptionedVideo) -> str:
        """Begin a captioned video, with its picture and sound carried to where it is made."""

        async def on(door: Door) -> str:
            image = await self._on(door, video.image_id)
            audio = await self._on(door, video.audio_id)
            return await door.caption(replace(video, image_id=image, audio_id=audio))

        return await self._first_here(on)

    async def merge(self, video_ids: list[str], music: Path | None, volume: float) -> str:
        """Begin a merge, with its clips carried to where it is made."""

        async def on(door: Door) -> str:
            there = [await self._on(door, one) for one in video_ids]
            return await door.merge(there, music, volume)

        return await self._first_here(on)

    async def upload(self, path: Path, media_type: MediaType) -> str:
        """Keep it here, or on the server if there will be no work here."""
        return await (await self._usual()).upload(path, media_type)

    async def upload_url(self, url: str, media_type: MediaType) -> str:
        """Fetch it to here, or have the server do it."""
        return await (await self._usual()).upload_url(url, media_type)

    async def status(self, file_id: str) -> FileStatus:
        """As the side tells that has it."""
        return await (await self._of(file_id)).status(file_id)

    async def pause(self, file_id: str, seconds: float) -> None:
        """As the side waits that has it."""
        await (await self._of(file_id)).pause(file_id, seconds)

    async def info(self, file_id: str) -> Mapping[str, Any]:
        """As the side tells that has it; for want of an engine here, the server looks."""
        try:
            return await (await self._of(file_id)).info(file_id)
        except EngineMissing:
            return await self._remote.info(await self._on(self._remote, file_id))

    async def url(self, file_id: str) -> str:
        """Where the side has it that has it."""
        return await (await self._of(file_id)).url(file_id)

    async def download(self, file_id: str, target: Path) -> None:
        """From the side that has it."""
        await (await self._of(file_id)).download(file_id, target)

    async def delete(self, file_id: str) -> None:
        """On the side that has it; its copy on the other side goes, too."""
        await (await self._of(file_id)).delete(file_id)
        copy = self._carried.pop(file_id, None)
        if copy is not None:
            await (await self._of(copy)).delete(copy)

    async def close(self) -> None:
        """Close both."""
        await self._local.close()
        await self._remote.close()

    async def _first_here(self, work: Callable[[Door], Awaitable[str]]) -> str:
        if not await self._local.healthy():
            return await work(self._remote)
        try:
            return await work(self._local)
        except EngineMissing:
            return await work(self._remote)

    async def _usual(self) -> Door:
        return self._local if await self._local.healthy() else self._remote

    async def _of(self, file_id: str) -> Door:
        found = await self._local.status(file_id)
        return self._remote if found.state is FileState.NOT_FOUND else self._local

    async def _on(self, door: Door, file_id: str) -> str:
        """The id of that file behind this door; it is carried there if it is not."""
        home = await self._of(file_id)
        if home is door:
            return file_id
        if file_id not in self._carried:
            self._carried[file_id] = await _carry(file_id, home, door)
        return self._carried[file_id]


async def _carry(file_id: str, home: Door, other: Door) -> str:
    media_type, _, name = file_id.partition("_")
    with tempfile.TemporaryDirectory(prefix="gala-carry-") as folder:
        copy = Path(folder) / f"carried{Path(name).suffix}"
        await home.download(file_id, copy)
        return await other.upload(copy, cast(MediaType, media_type))
