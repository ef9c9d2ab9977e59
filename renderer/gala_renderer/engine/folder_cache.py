"""A cache of folders by key; above its limit, those that were not used for longest are removed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PARTIAL: Final = ".partial-"


class FolderCache:
    """Folders of files under ``root``, ``limit_bytes`` at most; 0 disables the cache.

    Keys are hexadecimal digests of everything that decides the content.
    """

    def __init__(self, root: Path, *, limit_bytes: int):
        self.root = root
        self.limit_bytes = limit_bytes

    @property
    def enabled(self) -> bool:
        """False if nothing is ever cached."""
        return self.limit_bytes > 0

    def folder(self, key: str) -> Path:
        """Return the folder of a key, which may not exist."""
        return self.root / key[:2] / key

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix, of two characters at least."""
        return [folder.name for folder in (self.root / prefix[:2]).glob(f"{prefix}*")]

    def touch(self, key: str) -> None:
        """Record that the folder was used."""
        with contextlib.suppress(OSError):
            os.utime(self.folder(key))

    def fetch(self, key: str, target: Path) -> bool:
        """Copy the folder's files to the new folder ``target``; return False if it is missing.

        Copies, because programs may write to the files of an attempt.
        """
        try:
            files = sorted(self.folder(key).iterdir())
            if not files:
                return False
            target.mkdir()
            for file in files:
                shutil.copyfile(file, target / file.name)
        except OSError:
            # Missing, or being removed.
            shutil.rmtree(target, ignore_errors=True)
            return False
        self.touch(key)
        return True

    def store(self, key: str, source: Path) -> None:
        """Cache copies of the files of a folder; do nothing if the disk is full."""
        if not self.enabled:
            return
        with contextlib.suppress(OSError), self.adding(key) as folder:
            for file in source.iterdir():
                shutil.copyfile(file, folder / file.name)

    @contextmanager
    def adding(self, key: str) -> Iterator[Path]:
        """Yield an empty folder, which becomes the folder of ``key`` when the block ends.

        Raise OSError if the disk is full, or if an equal folder was added first.
        """
        folder = self.folder(key)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder.parent))
        try:
            yield partial
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        self._evict()

    def _evict(self) -> None:
        folders = sorted(self._folders(), key=lambda found: found[1], reverse=True)
        free = self.limit_bytes
        for folder, _, size in folders:
            free -= size
            if free < 0:
                _remove(folder)

    def _folders(self) -> Iterator[tuple[Path, float, int]]:
        """Yield each folder, its time of last use, and its size in bytes."""
        for folder in self.root.glob("*/*"):
            with contextlib.suppress(OSError):
                size = sum(file.stat().st_size for file in folder.iterdir())
                yield folder, folder.stat().st_mtime, size


def _remove(folder: Path) -> None:
    """Remove a folder, which is no longer found by its key before its first file is gone."""
    doomed = folder
    if not folder.name.startswith(_PARTIAL):
        doomed = folder.with_name(f"{_PARTIAL}{secrets.token_hex(8)}")
        try:
            folder.rename(doomed)
        except OSError:
            # Another process removes it.
            return
    shutil.rmtree(doomed, ignore_errors=True)


def link(source: Path, target: Path) -> None:
    """Create a hard link to a file, or a copy where links are not possible."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
