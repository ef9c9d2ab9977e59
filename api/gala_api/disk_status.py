"""The disk space of the folders that jobs, uploads and stored assets need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gala.disk_space import DiskSpace, disk_space
from gala_api.renderer_status import RendererStatus

RENDERER: Final = "renderer"
UPLOADS: Final = "uploads"
STORAGE: Final = "storage"


class DiskStatus(Collector):
    """Measures the disk space of each place; also a collector of metrics.

    The places are the renderer's staging area, as it reports it, and those of this process.
    """

    def __init__(
        self,
        renderer: RendererStatus,
        *,
        data_root: Path,
        storage_root: Path | None,
        needed_bytes: int,
    ):
        """``storage_root`` is the folder of the storage, if that is a folder of this machine."""
        self._renderer = renderer
        self._needed_bytes = needed_bytes
        self._folders = {UPLOADS: (data_root, "DATA_ROOT")}
        if storage_root is not None:
            self._folders[STORAGE] = (storage_root, "STORAGE_LOCAL_ROOT")

    def places(self) -> Mapping[str, DiskSpace]:
        """Return the disk space of every place that can be measured now."""
        found = {}
        reported = self._renderer.disk()
        if reported is not None:
            found[RENDERER] = reported
        for place, (folder, variable) in self._folders.items():
            with suppress(OSError):
                found[place] = disk_space(folder, variable, self._needed_bytes)
        return found

    def low(self) -> Mapping[str, DiskSpace]:
        """Return the places with too little disk space."""
        return {place: space for place, space in self.places().items() if space.low}

    def why_jobs_wait(self) -> str | None:
        """Return why workers claim no jobs; None if they do, or it is not known."""
        low = self.low()
        return next((low[place].message for place in (RENDERER, STORAGE) if place in low), None)

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering measures nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the free and the needed bytes of each place."""
        labels = ["place"]
        free = GaugeMetricFamily("gala_disk_free_bytes", "Free disk space.", labels=labels)
        needed = GaugeMetricFamily(
            "gala_disk_needed_bytes", "Free disk space below which jobs wait.", labels=labels
        )
        for place, space in self.places().items():
            free.add_metric([place], space.free_bytes)
            needed.add_metric([place], space.needed_bytes)
        yield from (free, needed)
