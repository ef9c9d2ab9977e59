"""How far an attempt is: never falling, and only the newest figure counts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from gala.job import LogLevel
from gala.render_protocol import Log, Progress
from gala_renderer.engine.plan import Report

_WORTH_TELLING: Final = 0.005


class ProgressTracker:
    """Collects the progress of steps that each are a share of the whole."""

    def __init__(self) -> None:
        self.progress = Progress(fraction=0)
        self._floor = 0.0
        self._share = 0.0
        self._logs: deque[Log] = deque()
        self._news = asyncio.Event()

    def begin(self, step: str, *, share: float) -> Report:
        """A step starts that is ``share`` (0 to 1) of the whole; what came before is complete."""
        self._floor = min(1.0, self._floor + self._share)
        self._share = min(share, 1.0 - self._floor)
        self.progress = Progress(fraction=max(self._floor, self.progress.fraction), step=step)
        self._news.set()
        return self._report

    def start_again(self) -> None:
        """What was under way is done anew; the progress stays where it was meanwhile."""
        self._floor = self.progress.fraction
        self._share = 0.0

    @property
    def left(self) -> float:
        """How much is to be done when the step under way is complete."""
        return max(0.0, 1.0 - self._floor - self._share)

    def warn(self, messages: Iterable[str]) -> None:
        """Lines for the job's log."""
        self._logs.extend(Log(level=LogLevel.WARNING, msg=message) for message in messages)
        self._news.set()

    def tell(self, message: str, warnings: Iterable[str] = ()) -> None:
        """A line for the job's log that is no warning, and then some that are."""
        self._logs.append(Log(level=LogLevel.INFO, msg=message))
        self.warn(warnings)

    def told(self) -> Iterator[Progress | Log]:
        """What is to be told now: new log lines, and the progress as it stands."""
        while self._logs:
            yield self._logs.popleft()
        yield self.progress

    def finish(self) -> Progress:
        """Everything is done."""
        self.progress = Progress(fraction=1, step=self.progress.step)
        return self.progress

    def wake(self) -> None:
        """Something else than progress happened that the waiting one should look at."""
        self._news.set()

    async def news(self, seconds: float) -> None:
        """Wait until there is something new, at most this long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _report(self, fraction: float) -> None:
        reached = self._floor + self._share * min(1.0, max(0.0, fraction))
        if reached >= self.progress.fraction + _WORTH_TELLING:
            self.progress = Progress(fraction=reached, step=self.progress.step)
            self._news.set()
