"""The memory of a process and everything that it starts."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread
from typing import Final

import psutil

_SAMPLE_SECONDS: Final = 0.5
"""The kernel walks all pages for each sample, which takes time from what is measured."""


class PeakMemory:
    """Samples the memory of this process and its children; shared pages are counted once.

    Use it as a context manager; ``megabytes`` is the peak of the sum.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._ended = Event()
        self._thread = Thread(target=self._sample, name="memory", daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        this = psutil.Process()
        while not self._ended.wait(_SAMPLE_SECONDS):
            total = sum(_bytes(one) for one in (this, *this.children(recursive=True)))
            self.megabytes = max(self.megabytes, total / 1e6)


def _bytes(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return float(getattr(full, "pss", full.rss))
    return 0.0
