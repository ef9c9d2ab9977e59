"""Provider that stores objects as files in a folder; the key is the relative path."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

from gala_storage.checksum import Fingerprint, chunks_of, fingerprint, holds_already, require_same
from gala_storage.contract import CHUNK, ByteRange, ObjectStat, ObjectStream, StoredObject
from gala_storage.errors import (
    InvalidObjectName,
    ObjectNotFound,
    RangeNotSatisfiable,
    StorageConfigError,
    StorageDenied,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from gala_storage.incoming_files import incoming_file, remove_abandoned
from gala_storage.object_names import checked_name
from gala_storage.registry import Provider
from gala_storage.settings import StorageSettings

_PUBLISHING_TRIES: Final = 10
# Not a valid object name, which has no hidden parts.
_INCOMING: Final = ".incoming"
# Larger than for networks: disks are fast and every chunk has a cost.
_READ_BYTES: Final = 4 * CHUNK
_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PERMISSION: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_FOUND: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EXDEV, errno.EMLINK})


class LocalStorage:
    """Files in ``root``, which several processes and machines may share."""

    provider = "localfs"

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().resolve()

    def reserve(self, name: str) -> str:
        return checked_name(name)

    def put(
        self,
        object_key: str,
        path: Path,
        mime: str,
        *,
        name: str,  # noqa: ARG002 - the key is the name
        on_progress: Callable[[int], None] | None = None,
    ) -> StoredObject:
        target = self._path(object_key)
        with _translate_errors(object_key):
            exists = target.exists()
        if exists:
            sent = fingerprint(chunks_of(path))
            if holds_already(self, object_key, sent):
                return self._stored(object_key, mime, sent)
        with path.open("rb", buffering=0) as source, _translate_errors(object_key):
            self.remove_abandoned()
            # Created before the file is synced: most file systems then sync the new folder, too.
            with suppress(FileNotFoundError):
                self._make_folder(target.parent)
            with incoming_file(self._root / _INCOMING) as (file, temporary):
                sent = _copy(source, file, on_progress)
                require_same(object_key, fingerprint(chunks_of(temporary)), sent)
                published = self._publish(temporary, target)
        if not published and not holds_already(self, object_key, sent):
            raise StorageUnavailable(f"{object_key} was created and deleted by another process")
        return self._stored(object_key, mime, sent)

    def open(self, object_key: str, byte_range: ByteRange | None = None) -> ObjectStream:
        file = self._open_file(object_key)
        first, last = 0, os.fstat(file.fileno()).st_size - 1
        if byte_range is not None:
            if byte_range.first > last:
                file.close()
                raise RangeNotSatisfiable
            first, last = byte_range.first, min(byte_range.last, last)
        size = last - first + 1
        return ObjectStream(_section(file, first, size), size=size, close=file.close)

    def stat(self, object_key: str) -> ObjectStat:
        with _translate_errors(object_key):
            found = self._path(object_key).stat()
        if not S_ISREG(found.st_mode):
            raise ObjectNotFound(f"there is no object {object_key}")
        return ObjectStat(found.st_size, modified=datetime.fromtimestamp(found.st_mtime, UTC))

    def delete(self, object_key: str) -> None:
        path = self._path(object_key)
        with suppress(ObjectNotFound), _translate_errors(object_key):
            path.unlink()
        self._remove_empty(path.parent)

    def check(self) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            raise StorageConfigError(
                f"STORAGE_LOCAL_ROOT cannot be created: {failure}"
            ) from failure
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise StorageDenied(f"STORAGE_LOCAL_ROOT {self._root} cannot be read and written")

    def local_path(self, object_key: str) -> Path:
        """Return the path of the object's file, for ``sendfile``."""
        self.stat(object_key)
        return self._path(object_key)

    def remove_abandoned(self) -> None:
        """Remove the files of killed writers."""
        remove_abandoned(self._root / _INCOMING)

    def _path(self, object_key: str) -> Path:
        path = (self._root / checked_name(object_key)).resolve()
        # A symbolic link in the folder must not lead out of it.
        if not path.is_relative_to(self._root):
            raise InvalidObjectName(f"{object_key} leads out of the storage folder")
        return path

    def _open_file(self, object_key: str) -> FileIO:
        self.stat(object_key)
        with _translate_errors(object_key):
            return self._path(object_key).open("rb", buffering=0)

    def _stored(self, object_key: str, mime: str, seen: Fingerprint) -> StoredObject:
        return StoredObject(self.provider, object_key, mime, seen.size, seen.sha256)

    def _publish(self, temporary: Path, target: Path) -> bool:
        """Give the complete file its name; return False if the name exists already."""
        for _ in range(_PUBLISHING_TRIES):
            try:
                self._make_folder(target.parent)
                _rename_exclusively(temporary, target)
                _sync_folder(target.parent)
            except FileExistsError:
                return False
            except FileNotFoundError:
                # Another process has deleted the last object of the folder, and the folder.
                continue
            return True
        raise StorageUnavailable(f"the folder of {target.name} was removed again and again")

    def _remove_empty(self, folder: Path) -> None:
        """Remove a folder without objects, and those above it; each job has one."""
        with suppress(OSError):
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            # Not `exist_ok`, which looks whether it still exists: another process may remove it.
            return
        _sync_folder(folder.parent)


def _copy(
    source: FileIO, target: BinaryIO, on_progress: Callable[[int], None] | None
) -> Fingerprint:
    """Copy the source to an open file and sync it to the disk."""

    def copied_chunks() -> Iterator[bytes]:
        sent = 0
        while chunk := source.read(CHUNK):
            target.write(chunk)
            yield chunk
            sent += len(chunk)
            if on_progress is not None:
                on_progress(sent)

    seen = fingerprint(copied_chunks())
    target.flush()
    os.fsync(target.fileno())
    return seen


def _rename_exclusively(temporary: Path, target: Path) -> None:
    """Give a file its name atomically; raise FileExistsError if the name exists."""
    try:
        os.link(temporary, target)
    except OSError as failure:
        if failure.errno not in _NO_LINKS:
            raise
        # A file system without hard links: two writers of one name could race here, but keys
        # contain the checksum of the content, so both write the same bytes.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        temporary.rename(target)


def _sync_folder(folder: Path) -> None:
    """Sync the folder, where possible, so that a new name survives a power failure."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _section(file: FileIO, first: int, size: int) -> Iterable[bytes]:
    file.seek(first)
    while size and (chunk := file.read(min(_READ_BYTES, size))):
        size -= len(chunk)
        yield chunk


@contextmanager
def _translate_errors(object_key: str) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise _translate(failure, object_key) from failure


def _translate(failure: OSError, object_key: str) -> StorageError:
    if failure.errno in _DISK_FULL:
        return StorageFull(f"no space left in STORAGE_LOCAL_ROOT for {object_key}")
    if failure.errno in _PERMISSION:
        return StorageDenied(f"STORAGE_LOCAL_ROOT does not permit this on {object_key}: {failure}")
    if failure.errno in _NOT_FOUND:
        return ObjectNotFound(f"there is no object {object_key}")
    return StorageError(f"{object_key}: {failure}")


def _open(settings: StorageSettings) -> LocalStorage:
    settings.require("localfs", "storage_local_root")
    assert settings.storage_local_root is not None  # noqa: S101 - required above
    return LocalStorage(settings.storage_local_root)


PROVIDER = Provider(name="localfs", open=_open)
