"""The disk space that GALA has on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gala.cli.settings import MachineSettings
from gala.disk_space import DiskSpace, disk_space


def disk_spaces(
    settings: MachineSettings, *, data_root: Path, storage_root: Path
) -> Mapping[Path, DiskSpace]:
    """Measure the folders that jobs and stored assets need; those settings override the others."""
    folders = {settings.data_root or data_root: "DATA_ROOT"}
    if settings.storage_provider == "localfs":
        folders[settings.storage_local_root or storage_root] = "STORAGE_LOCAL_ROOT"
    return {
        folder: disk_space(folder, variable, settings.renderer_min_free_bytes)
        for folder, variable in folders.items()
    }
