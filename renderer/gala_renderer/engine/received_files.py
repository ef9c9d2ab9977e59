"""Files that the API sends for relayed work, kept by their digests."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Final

from gala.errors import InvalidRequest, PayloadTooLarge
from gala.files import disk_errors
from gala_renderer.engine.folder_cache import FolderCache, link

_FILE: Final = "file"


class ReceivedFiles:
    """Files in a :class:`FolderCache`."""

    def __init__(self, folders: FolderCache):
        self._folders = folders

    async def receive(self, sha256: str, chunks: AsyncIterable[bytes]) -> None:
        """Keep a file. Raise InvalidRequest if it has another digest, PayloadTooLarge or OutOfDisk.

        Nothing is kept of a file that does not arrive whole.
        """
        with disk_errors():
            if await asyncio.to_thread(self._path(sha256).exists):
                return
            try:
                with self._folders.adding(sha256) as folder:
                    await self._write(folder / _FILE, sha256, chunks)
            except FileExistsError:
                # Sent twice at the same time.
                return
            except OSError:
                if not self._path(sha256).exists():
                    raise

    async def _write(self, path: Path, sha256: str, chunks: AsyncIterable[bytes]) -> None:
        digest, size, limit = hashlib.sha256(), 0, self._folders.limit_bytes
        with path.open("xb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise PayloadTooLarge(limit_bytes=limit)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if digest.hexdigest() != sha256:
            raise InvalidRequest("sha256: The file has another digest.", field="sha256")

    def stage(self, sha256: str, target: Path) -> bool:
        """Link a file to ``target``; return False if it is not kept."""
        try:
            link(self._path(sha256), target)
        except OSError:
            return False
        self._folders.touch(sha256)
        return True

    def _path(self, sha256: str) -> Path:
        return self._folders.folder(sha256) / _FILE
