"""Why a source of weights failed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from gala.errors import OutOfDisk

# Programs report the disk's state in words only; "too large" is how a quota is reported.
_DISK_FULL: Final = re.compile(
    r"no space left|ENOSPC|disk quota|EDQUOT|file too large|EFBIG", re.IGNORECASE
)
_SPARE_BYTES: Final = 16 * 1024**2


class SourceFailed(Exception):
    """A source does not have the weights, or cannot be reached; the next one may."""


class SourceDamaged(SourceFailed):
    """What came from a source has a wrong size or checksum."""


def out_of_disk() -> OutOfDisk:
    """Return the error of a full disk."""
    return OutOfDisk(
        "the disk of the weights is full; nothing was installed",
        hint="free space, or set GALA_WEIGHTS_DIR to a folder on a larger disk, and run this again",
    )


def require_space(folder: Path, size: int) -> None:
    """Raise ``OutOfDisk`` if the file system of the folder has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE_BYTES:
        raise OutOfDisk(
            f"{size / 1e6:,.0f} MB are needed for the weights and their download,"
            f" {free / 1e6:,.0f} MB are free",
            hint=out_of_disk().hint,
        )


def raise_if_disk_full(output: str) -> None:
    """Raise ``OutOfDisk`` if the output of a program says that the disk is full."""
    if _DISK_FULL.search(output):
        raise out_of_disk()
