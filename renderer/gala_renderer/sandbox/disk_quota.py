"""Whether a program fills the disk: what its folders hold, and what is left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gala.errors import GalaError, OutOfDisk, RenderFailed

_MOST_FILES: Final = 200_000
"""Of 4 hours at 10 pictures a second there are 144,000."""


def quota_error(folders: Sequence[Path], *, at_most: int, free: int) -> GalaError | None:
    """What to tell if these folders hold more than ``at_most`` bytes, or too many files, or if
    fewer than ``free`` bytes are left on their disk; else ``None``."""
    taken = 0
    sizes = (size for folder in folders for size in _sizes(folder))
    for files, size in enumerate(sizes, start=1):
        taken += size
        if taken > at_most:
            return RenderFailed("The render's files are together larger than this server allows.")
        if files > _MOST_FILES:
            return RenderFailed("The render makes more files than this server allows.")
    if free and any(_left(folder) < free for folder in folders):
        return OutOfDisk()
    return None


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes on the disk of all that is in it; what goes away meanwhile is passed over."""
    # It is not ours: names change while we look, and links in it lead anywhere.
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _left(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except FileNotFoundError:
        return 1 << 62
