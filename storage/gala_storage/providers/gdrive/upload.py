"""Putting one file into Drive, by its resumable protocol."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from googleapiclient.http import HttpRequest, MediaFileUpload

from gala_storage.errors import (
    ObjectNotFound,
    StorageConfigError,
    StorageError,
    StorageUnavailable,
)
from gala_storage.providers.gdrive.errors import BadRequest
from gala_storage.retry import Backoff, RetryPolicy

if TYPE_CHECKING:
    from gala_storage.providers.gdrive.client import DriveClient

CHUNK_SIZE: Final = 8 * 1024 * 1024
"""Bytes per request; Drive wants a multiple of 256 KiB."""


class _Chunked(MediaFileUpload):
    """A file sent in chunks of bytes, not as a stream.

    httplib2 repeats a request by itself when the connection breaks; a stream would then be half
    read, and the repeated request would wait for bytes that never come.
    """

    def has_stream(self) -> bool:
        return False


class _Forgotten(StorageError):
    """Drive keeps an unfinished upload for a while only; this one must begin anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One run of sending a file of ``size`` bytes under a reserved id."""

    client: DriveClient
    file_id: str
    path: Path
    size: int
    mime: str
    name: str
    folder: str | None
    policy: RetryPolicy
    on_progress: Callable[[int], None] | None

    def run(self) -> None:
        """Send it.

        :raises ObjectExists: a file has the id already.
        :raises StorageConfigError: the folder is not there.
        """
        media = _Chunked(str(self.path), mimetype=self.mime, chunksize=CHUNK_SIZE, resumable=True)
        backoff = Backoff(self.policy)
        with closing(media.stream()):
            while True:
                try:
                    self._send(self._begin(media), backoff)
                except _Forgotten as forgotten:
                    backoff.pause(StorageUnavailable(forgotten.message))
                else:
                    return

    def _begin(self, media: MediaFileUpload) -> HttpRequest:
        body: dict[str, Any] = {"id": self.file_id, "name": self.name, "mimeType": self.mime}
        if self.folder is not None:
            body["parents"] = [self.folder]
        return self.client.api.files().create(
            body=body,  # type: ignore[arg-type]
            media_body=media,
            fields="id",
            supportsAllDrives=True,
        )

    def _send(self, request: HttpRequest, backoff: Backoff) -> None:
        """Send chunk after chunk, from wherever Drive says that it stands."""
        arrived = 0
        while True:
            before = arrived
            try:
                arrived, complete = self._step(request)
            except StorageUnavailable as failure:
                backoff.pause(failure)
                continue
            if complete:
                return
            if arrived > before:
                backoff.reset()
            else:
                backoff.pause(StorageUnavailable(f"{self.file_id}: Drive accepts no more bytes"))

    def _step(self, request: HttpRequest) -> tuple[int, bool]:
        """The bytes that arrived so far, and whether the file is complete."""
        try:
            progress, answer = self.client.next_chunk(self.file_id, request)
        except ObjectNotFound as missing:
            if request.resumable_uri is None:
                raise no_folder(self.folder) from missing
            raise _Forgotten(f"{self.file_id}: Drive forgot the unfinished upload") from missing
        except BadRequest as refusal:
            if request.resumable_uri is None:
                raise
            # httplib2 repeats a chunk when the connection breaks, though Drive may have a part of
            # it already. After a failure the next step begins by asking where Drive stands.
            raise StorageUnavailable(refusal.message) from refusal
        arrived = self.size if progress is None else progress.resumable_progress
        if self.on_progress is not None:
            self.on_progress(arrived)
        return arrived, answer is not None


def no_folder(folder: str | None) -> StorageConfigError:
    """The error for a folder that these credentials cannot see."""
    return StorageConfigError(
        f"GDRIVE_FOLDER_ID: Drive shows no folder {folder} to these credentials"
    )
