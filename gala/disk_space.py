"""Free space of the folders that fill up, and the minimum that must be free."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gala.errors import OutOfDisk

MIN_FREE_BYTES: Final = 64 * 1024**2
"""The default of RENDERER_MIN_FREE_BYTES."""
MIN_FREE_VARIABLE: Final = "RENDERER_MIN_FREE_BYTES"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpace:
    """The free space of a folder; ``variable`` is the setting that names the folder."""

    variable: str
    free_bytes: int
    needed_bytes: int

    @property
    def low(self) -> bool:
        """Return True if less is free than needed."""
        return self.free_bytes < self.needed_bytes

    @property
    def message(self) -> str:
        """What is free and what is needed, without the path, which is the operator's."""
        return (
            f"Only {self.free_bytes:,} bytes are free in {self.variable};"
            f" {self.needed_bytes:,} are needed ({MIN_FREE_VARIABLE})."
        )

    @property
    def remedy(self) -> str:
        """What the operator can do."""
        return (
            f"Free space in {self.variable}, or move it to a larger disk; waiting jobs then go on"
            " by themselves."
        )

    def require(self) -> None:
        """Raise OutOfDisk if the space is low."""
        if self.low:
            raise OutOfDisk(
                self.message,
                hint=self.remedy,
                variable=self.variable,
                free_bytes=self.free_bytes,
                needed_bytes=self.needed_bytes,
            )


def disk_space(folder: Path, variable: str, needed_bytes: int) -> DiskSpace:
    """Measure the file system of the folder, or of its nearest parent that exists."""
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    return DiskSpace(variable=variable, free_bytes=free, needed_bytes=needed_bytes)
