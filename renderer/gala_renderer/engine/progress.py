"""Progress of an attempt: it never decreases, and only the latest value is sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from gala.job import LogLevel
from gala.media import SpokenBy
from gala.render_protocol import Log, Progress
from gala_renderer.engine.plan import Report

_MIN_INCREASE: Final = 0.005


class ProgressTracker:
    """Combines the progress of steps, each of which is a share of the whole, with log lines."""

    def __init__(self) -> None:
        self.progress = Progress(fraction=0)
        self._floor = 0.0
        self._share = 0.0
        self._logs: deque[Log] = deque()
        self._changed = asyncio.Event()

    def begin_step(self, step: str, *, share: float) -> Report:
        """Start a step that is ``share`` (0 to 1) of the whole; the previous step is complete.

        Returns the function to report its fraction with.
        """
        self._floor = min(1.0, self._floor + self._share)
        self._share = min(share, 1.0 - self._floor)
        self.progress = Progress(fraction=max(self._floor, self.progress.fraction), step=step)
        self._changed.set()
        return self._report

    def restart(self) -> None:
        """Discard the current step, which is done again; the progress keeps its value."""
        self._floor = self.progress.fraction
        self._share = 0.0

    @property
    def left(self) -> float:
        """The share that remains after the current step."""
        return max(0.0, 1.0 - self._floor - self._share)

    def warn(self, messages: Iterable[str]) -> None:
        """Add warnings to the job's log."""
        self._logs.extend(Log(level=LogLevel.WARNING, msg=message) for message in messages)
        self._changed.set()

    def info(self, message: str, warnings: Iterable[str] = ()) -> None:
        """Add an informational line to the job's log, followed by warnings."""
        self._logs.append(Log(level=LogLevel.INFO, msg=message))
        self.warn(warnings)

    def log_speech(self, speech: Iterable[SpokenBy]) -> None:
        """Add a line to the job's log that names the engines and voices, if there are any."""
        if names := dict.fromkeys(map(str, speech)):
            self.info(f"spoken by {'; '.join(names)}")

    def pending(self) -> Iterator[Progress | Log]:
        """Yield the log lines that were not sent yet, and the current progress."""
        while self._logs:
            yield self._logs.popleft()
        yield self.progress

    def finish(self) -> Progress:
        """Set the progress to 1 and return it."""
        self.progress = Progress(fraction=1, step=self.progress.step)
        return self.progress

    def notify(self) -> None:
        """Wake up ``wait_for_change`` for another reason than progress."""
        self._changed.set()

    async def wait_for_change(self, seconds: float) -> None:
        """Wait for a change, ``seconds`` at most."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()

    def _report(self, fraction: float) -> None:
        reached = self._floor + self._share * min(1.0, max(0.0, fraction))
        if reached >= self.progress.fraction + _MIN_INCREASE:
            self.progress = Progress(fraction=reached, step=self.progress.step)
            self._changed.set()
