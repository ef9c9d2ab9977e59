"""The progress of downloads by other programs and libraries: the size of what they have written."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gala.cli.progress import ShowProgress

_INTERVAL_SECONDS: Final = 0.25


class DownloadProgress:
    """Shows which part of ``total`` bytes has arrived."""

    def __init__(self, show: ShowProgress, step: str, total: int):
        self._show = show
        self._step = step
        self._total = max(1, total)
        self._complete = 0

    @contextmanager
    def watching(self, folder: Path, size: int) -> Iterator[None]:
        """Show the growth of the folder, into which ``size`` bytes are downloaded by the block."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_INTERVAL_SECONDS):
                self._report(self._complete + min(size, size_of(folder)))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()
        self._complete += size
        self._report(self._complete)

    def _report(self, arrived: int) -> None:
        self._show(self._step, min(1.0, arrived / self._total))


def size_of(folder: Path) -> int:
    """Return the size of all files in a folder, in which others create and delete files."""
    total = 0
    # It passes over folders that are gone when their turn comes, at which `rglob` fails.
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(parent, name).lstat().st_size
    return total
