"""The memory of processes, sampled while something runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Final, Self

import psutil

_SAMPLE_SECONDS: Final = 0.5
"""The kernel walks all pages for each sample, which takes time from what is measured."""


class PeakSampler:
    """Samples a number of bytes in a thread, as a context manager; ``peak`` is the highest."""

    def __init__(self, measure: Callable[[], int], *, every: float):
        self.first = self.peak = measure()
        self._measure = measure
        self._every = every
        self._ended = Event()
        self._thread = Thread(target=self._sample, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(self._every):
            self.peak = max(self.peak, self._measure())


class PeakMemory(PeakSampler):
    """The memory of this process and everything that it starts; shared pages are counted once."""

    def __init__(self) -> None:
        super().__init__(_whole_tree, every=_SAMPLE_SECONDS)

    @property
    def megabytes(self) -> float:
        """The highest sum."""
        return self.peak / 1e6


def _whole_tree() -> int:
    this = psutil.Process()
    return sum(_bytes(one) for one in (this, *this.children(recursive=True)))


def _bytes(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    return 0
