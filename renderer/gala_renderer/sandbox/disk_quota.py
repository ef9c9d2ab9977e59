"""Disk use of a program: the size of its folders, and the free space that is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gala.errors import GalaError, OutOfDisk, RenderFailed

_MAX_FILES: Final = 200_000
"""4 hours at 10 pictures per second make 144,000."""


def quota_error(folders: Sequence[Path], *, at_most: int, free: int) -> GalaError | None:
    """Return the error if a limit is exceeded, else ``None``.

    The limits: ``at_most`` bytes and 200,000 files in these folders together, and at least ``free``
    bytes left on their disk.
    """
    used = 0
    sizes = (size for folder in folders for size in _sizes(folder))
    for files, size in enumerate(sizes, start=1):
        used += size
        if used > at_most:
            return RenderFailed("The render's files together are larger than this server allows.")
        if files > _MAX_FILES:
            return RenderFailed("The render writes more files than this server allows.")
    if free and any(_free_bytes(folder) < free for folder in folders):
        return OutOfDisk()
    return None


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the disk usage of each entry below ``folder``, skipping those that disappear."""
    # The program controls it: names change during the scan, and links in it lead anywhere.
    pending = [str(folder)]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except FileNotFoundError:
        return 1 << 62
