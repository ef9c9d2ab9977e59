"""Files stored by media id in a folder; no id refers to a path outside of it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, Final

from gala.errors import AssetNotFound, InvalidRequest
from gala.files import atomic_file
from gala.media_server.ids import (
    MediaType,
    file_name,
    new_media_id,
    parse_media_id,
    parse_media_type,
)

_SUFFIX: Final = re.compile(r"(\.[A-Za-z0-9]{1,8})?")


class StorageManager:
    """Temporary files, and media files by their ids.

    ``output_dir`` has one folder per media type; files of the type ``tmp`` are in ``temp_dir``.
    Folders are created by the first write.
    """

    def __init__(
        self,
        temp_dir: str | os.PathLike[str] = "./temp",
        output_dir: str | os.PathLike[str] = "./output",
    ):
        self.temp_dir = Path(temp_dir).absolute()
        self.output_dir = Path(output_dir).absolute()

    def create_temp_file(self, suffix: str = ".wav") -> Path:
        """Create a new, empty file in ``temp_dir``; :meth:`cleanup_old_files` removes it."""
        self.temp_dir.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=_checked(suffix), dir=self.temp_dir)
        os.close(handle)
        return Path(name)

    def cleanup_old_files(self, max_age_minutes: float = 30) -> int:
        """Remove the files in ``temp_dir`` that were last changed more than ``max_age_minutes``
        ago, and return their number."""
        before = time.time() - max_age_minutes * 60
        removed = 0
        for path in self.temp_dir.glob("*"):
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime < before and not path.is_dir():
                    path.unlink()
                    removed += 1
        return removed

    def upload_media(
        self,
        media_type: str,
        media: bytes | BinaryIO | str | os.PathLike[str],
        file_extension: str | None = None,
    ) -> str:
        """Store bytes, an open file, or a copy of the file at a path, and return its media id.

        ``media_type`` is ``image``, ``video``, ``audio`` or ``tmp``. ``file_extension`` (such as
        ``.jpg``) is by default that of the path. Raise ``InvalidRequest`` naming the argument, and
        ``OSError`` if the media cannot be read or stored.
        """
        if file_extension is None:
            file_extension = Path(media).suffix if isinstance(media, str | os.PathLike) else ""
        media_id, path = self.reserve(parse_media_type(media_type), file_extension)
        with atomic_file(path) as temporary:
            _write(media, temporary)
        return media_id

    def reserve(self, media_type: MediaType, file_extension: str = "") -> tuple[str, Path]:
        """Return a new id, and the path to which the finished file must be moved."""
        media_id = new_media_id(media_type, _checked(file_extension))
        folder = self._folder(media_type)
        folder.mkdir(parents=True, exist_ok=True)
        return media_id, folder / file_name(media_id)

    def get_media_path(self, media_id: str) -> Path:
        """Return the path of the file; raise ``AssetNotFound`` if the id is invalid or unknown."""
        path = self._path(media_id)
        if path is None or path.is_symlink() or not path.is_file():
            raise AssetNotFound(f"File with ID {media_id} not found.")
        return path

    def media_exists(self, media_id: str) -> bool:
        """Return True if there is a file with that id."""
        try:
            self.get_media_path(media_id)
        except AssetNotFound:
            return False
        return True

    def delete_media(self, media_id: str) -> None:
        """Remove the file; do nothing if there is none."""
        path = self._path(media_id)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, media_id: str) -> Path | None:
        parsed = parse_media_id(media_id)
        return self._folder(parsed[0]) / parsed[1] if parsed else None

    def _folder(self, media_type: MediaType) -> Path:
        return self.temp_dir if media_type is MediaType.TMP else self.output_dir / media_type


def _checked(suffix: str) -> str:
    if _SUFFIX.fullmatch(suffix) is None:
        raise InvalidRequest(
            "file_extension: must be a dot and up to eight letters or digits, such as .mp4.",
            field="file_extension",
        )
    return suffix


def _write(media: bytes | BinaryIO | str | os.PathLike[str], target: Path) -> None:
    if isinstance(media, bytes):
        target.write_bytes(media)
    elif isinstance(media, str | os.PathLike):
        shutil.copyfile(media, target)
    else:
        with target.open("wb") as file:
            shutil.copyfileobj(media, file)
