"""Files by media id, ``<type>_<uuid4><ext>``, in a folder: no id ever leaves it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
import uuid
from pathlib import Path
from typing import BinaryIO, Final

from gala.errors import AssetNotFound, InvalidRequest
from gala.media_service.models import MEDIA_TYPES, MediaType

_ID: Final = re.compile(r"(image|video|audio|tmp)_([A-Za-z0-9-]{1,64}(?:\.[A-Za-z0-9]{1,8})?)")
_SUFFIX: Final = re.compile(r"(\.[A-Za-z0-9]{1,8})?")
_PART: Final = ".part"


def is_media_id(text: str) -> bool:
    """Whether the text has the form of a media id (it may still name nothing)."""
    return _ID.fullmatch(text) is not None


class StorageManager:
    """Temporary files, and media by their ids.

    Media lie in ``output_dir`` in a folder for each type, ``tmp_…`` ones in ``temp_dir``. Folders
    are made when they are first written to.
    """

    def __init__(
        self,
        temp_dir: str | os.PathLike[str] = "./temp",
        output_dir: str | os.PathLike[str] = "./output",
    ):
        self.temp_dir = Path(temp_dir).absolute()
        self.output_dir = Path(output_dir).absolute()

    def create_temp_file(self, suffix: str = ".wav") -> Path:
        """A new, empty file of its own in ``temp_dir``; :meth:`cleanup_old_files` takes it."""
        self.temp_dir.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=_checked(suffix), dir=self.temp_dir)
        os.close(handle)
        return Path(name)

    def cleanup_old_files(self, max_age_minutes: float = 30) -> int:
        """Remove the files of ``temp_dir`` that nobody changed for so long; gives their number."""
        before = time.time() - max_age_minutes * 60
        removed = 0
        for path in self.temp_dir.glob("*"):
            with contextlib.suppress(OSError):
                found = path.lstat()
                if found.st_mtime < before and not path.is_dir():
                    path.unlink()
                    removed += 1
        return removed

    def upload_media(
        self,
        media_type: MediaType,
        media: bytes | BinaryIO | str | os.PathLike[str],
        file_extension: str | None = None,
    ) -> str:
        """Keep bytes, an open file, or the file at a path; gives its media id.

        Without ``file_extension`` (``.jpg``) it is the path's. Raises ``InvalidRequest`` naming
        the argument, ``OSError``.
        """
        if file_extension is None:
            file_extension = Path(media).suffix if isinstance(media, str | os.PathLike) else ""
        media_id, path = self.reserve(media_type, file_extension)
        growing = path.with_name(path.name + _PART)
        try:
            _write(media, growing)
            growing.replace(path)
        finally:
            growing.unlink(missing_ok=True)
        return media_id

    def reserve(self, media_type: MediaType, file_extension: str = "") -> tuple[str, Path]:
        """A new id, and the path where its file is to be put when it is whole."""
        if media_type not in MEDIA_TYPES:
            raise InvalidRequest(
                f"media_type: must be one of {', '.join(MEDIA_TYPES)}.", field="media_type"
            )
        name = f"{uuid.uuid4()}{_checked(file_extension)}"
        folder = self._folder(media_type)
        folder.mkdir(parents=True, exist_ok=True)
        return f"{media_type}_{name}", folder / name

    def get_media_path(self, media_id: str) -> Path:
        """Where its file lies; raises ``AssetNotFound`` for an id without one, however formed."""
        path = self._path(media_id)
        if path is None or path.is_symlink() or not path.is_file():
            raise AssetNotFound(f"File with ID {media_id} not found.")
        return path

    def media_exists(self, media_id: str) -> bool:
        """Whether there is a file of that id."""
        try:
            self.get_media_path(media_id)
        except AssetNotFound:
            return False
        return True

    def delete_media(self, media_id: str) -> None:
        """Remove its file; harmless if there is none."""
        path = self._path(media_id)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, media_id: str) -> Path | None:
        match = _ID.fullmatch(media_id)
        return self._folder(match[1]) / match[2] if match else None

    def _folder(self, media_type: str) -> Path:
        return self.temp_dir if media_type == "tmp" else self.output_dir / media_type


def _checked(suffix: str) -> str:
    if _SUFFIX.fullmatch(suffix) is None:
        raise InvalidRequest(
            "file_extension: a dot and up to eight letters or digits, such as .mp4.",
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
