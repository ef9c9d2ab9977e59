"""Upload of one file to Drive with its resumable protocol."""

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
"""Bytes per request; Drive requires a multiple of 256 KiB."""


class _Chunked(MediaFileUpload):
    """A file sent in chunks of bytes, not as a stream.

    httplib2 repeats a request when the connection breaks; a stream would then be read in part, and
    the repeated request would wait for bytes that are never sent.
    """

    def has_stream(self) -> bool:
        return False


class _UploadExpired(StorageError):
    """Drive has deleted the unfinished upload; it must start again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumableUpload:
    """One upload of a file of ``size`` bytes with a reserved id."""

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
        """Upload the file.

        :raises ObjectExists: there is already a file with the id.
        :raises StorageConfigError: the folder does not exist.
        """
        media = _Chunked(str(self.path), mimetype=self.mime, chunksize=CHUNK_SIZE, resumable=True)
        backoff = Backoff(self.policy)
        with closing(media.stream()):
            while True:
                try:
                    self._send(self._begin(media), backoff)
                except _UploadExpired as expired:
                    backoff.pause(StorageUnavailable(expired.message))
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
        """Send the chunks, starting at the position that Drive reports."""
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
        """Send a chunk; return the bytes received so far, and whether the file is complete."""
        try:
            progress, answer = self.client.next_chunk(self.file_id, request)
        except ObjectNotFound as missing:
            if request.resumable_uri is None:
                raise no_folder(self.folder) from missing
            raise _UploadExpired(
                f"{self.file_id}: Drive has deleted the unfinished upload"
            ) from missing
        except BadRequest as refusal:
            if request.resumable_uri is None:
                raise
            # httplib2 repeats a chunk when the connection breaks, although Drive may already have a
            # part of it. After a failure the next step first requests the current position.
            raise StorageUnavailable(refusal.message) from refusal
        arrived = self.size if progress is None else progress.resumable_progress
        if self.on_progress is not None:
            self.on_progress(arrived)
        return arrived, answer is not None


def no_folder(folder: str | None) -> StorageConfigError:
    """Return the error for a folder that is not visible with these credentials."""
    return StorageConfigError(
        f"GDRIVE_FOLDER_ID: Drive shows no folder {folder} to these credentials"
    )
