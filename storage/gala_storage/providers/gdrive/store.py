"""Provider that stores objects as files in Google Drive; the key is the file's id."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gala_storage.checksum import (
    Fingerprint,
    chunks_of,
    fingerprint,
    holds_already,
    require_same,
    stored_fingerprint,
)
from gala_storage.contract import ByteRange, ObjectStat, ObjectStream, StoredObject
from gala_storage.errors import (
    IntegrityError,
    InvalidObjectName,
    ObjectExists,
    ObjectNotFound,
    StorageDenied,
)
from gala_storage.object_names import checked_name
from gala_storage.providers.gdrive.upload import ResumableUpload, no_folder
from gala_storage.resuming_stream import resuming_stream
from gala_storage.retry import RetryPolicy, reporting_while_waiting

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

    from gala_storage.providers.gdrive.client import DriveClient

_FILE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


class DriveStorage:
    """Files in one person's Drive. Keys are file ids, because names are not unique in Drive."""

    provider = "gdrive"

    def __init__(
        self,
        client: DriveClient,
        *,
        folder_id: str | None = None,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._client = client
        self._folder = folder_id
        self._policy = policy or RetryPolicy()

    def reserve(self, name: str) -> str:
        checked_name(name)
        files = self._client.api.files()
        answer = self._call(
            "a new file id", lambda: files.generateIds(count=1, space="drive", type="files")
        )
        file_id: str = answer["ids"][0]
        return file_id

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        key = _checked_id(object_key)
        sent = fingerprint(chunks_of(path))
        with reporting_while_waiting(on_progress) as report:
            upload = ResumableUpload(
                client=self._client,
                file_id=key,
                path=path,
                size=sent.size,
                mime=mime,
                name=name,
                folder=self._folder,
                policy=self._policy,
                on_progress=report,
            )
            self._store(upload, sent)
        return StoredObject(self.provider, key, mime, sent.size, sent.sha256)

    def _store(self, upload: ResumableUpload, sent: Fingerprint) -> None:
        key = upload.file_id
        if holds_already(self, key, sent):
            return
        try:
            upload.run()
        except ObjectExists:
            # Another process was faster, or the response to an earlier try was lost.
            if not holds_already(self, key, sent):
                raise
        else:
            self._confirm(key, sent)

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        key = _checked_id(object_key)
        return resuming_stream(lambda part: self._client.fetch(key, part), byte_range, self._policy)

    def stat(self, object_key: str) -> ObjectStat:
        key = _checked_id(object_key)
        files = self._client.api.files()
        found = self._call(
            key,
            lambda: files.get(
                fileId=key,
                fields="size,sha256Checksum,mimeType,modifiedTime",
                supportsAllDrives=True,
            ),
        )
        return ObjectStat(
            size=int(found.get("size", 0)),
            sha256=found.get("sha256Checksum"),
            mime=found.get("mimeType"),
            modified=datetime.fromisoformat(found["modifiedTime"]),
        )

    def delete(self, object_key: str) -> None:
        key = _checked_id(object_key)
        files = self._client.api.files()
        with suppress(ObjectNotFound):
            self._call(key, lambda: files.delete(fileId=key, supportsAllDrives=True))

    def check(self) -> None:
        if self._folder is None:
            about = self._client.api.about()
            self._client.execute("the Drive", about.get(fields="user(displayName)"))
            return
        request = self._client.api.files().get(
            fileId=self._folder, fields="capabilities(canAddChildren)", supportsAllDrives=True
        )
        try:
            folder = self._client.execute(self._folder, request)
        except ObjectNotFound as missing:
            raise no_folder(self._folder) from missing
        if not folder.get("capabilities", {}).get("canAddChildren"):
            raise StorageDenied("GDRIVE_FOLDER_ID is not a folder that files can be put into")

    def _call(self, subject: str, build: Callable[[], HttpRequest]) -> Any:
        return self._policy.call(lambda: self._client.execute(subject, build()))

    def _confirm(self, key: str, sent: Fingerprint) -> None:
        """Verify the stored object, and remove it if it differs."""
        try:
            require_same(key, stored_fingerprint(self, key), sent)
        except IntegrityError:
            self.delete(key)
            raise


def _checked_id(object_key: str) -> str:
    if not _FILE_ID.fullmatch(object_key):
        raise InvalidObjectName(f"not the id of a file in Drive: {object_key[:80]!r}")
    return object_key
