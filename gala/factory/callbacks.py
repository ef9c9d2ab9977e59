"""Tells callbacks of a task's changes, in their order and without holding up the work."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gala.factory.metrics import Metrics
from gala.factory.models import Callback, MediaTask

_log = logging.getLogger(__name__)

_threads: Final = ThreadPoolExecutor(4, thread_name_prefix="gala-factory-callback")
"""Of their own, so that a slow callback keeps no work waiting."""


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that the caller runs in, if it does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class CallbackDispatcher:
    """For one task. ``home`` is the loop where ``async`` callbacks run: their author's own."""

    def __init__(
        self,
        callbacks: Sequence[Callback],
        home: asyncio.AbstractEventLoop | None,
        metrics: Metrics,
    ):
        self._callbacks = callbacks
        self._home = home
        self._metrics = metrics
        self._news: deque[MediaTask] = deque()
        self._telling: asyncio.Task[None] | None = None

    def tell(self, task: MediaTask) -> None:
        """Tell of the task as it is now; call it in the factory's loop."""
        if not self._callbacks:
            return
        if self._news and self._news[-1].status is task.status:
            # Nobody needs a progress that is already overtaken.
            self._news.pop()
        self._news.append(task.snapshot())
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._news:
            news = self._news.popleft()
            calls = (self._call(callback, news) for callback in self._callbacks)
            for error in await asyncio.gather(*calls, return_exceptions=True):
                if error is not None:
                    self._metrics.callback_errors += 1
                    _log.error("a callback of %s failed", news.task_id, exc_info=error)

    async def _call(self, callback: Callback, news: MediaTask) -> None:
        if not inspect.iscoroutinefunction(callback):
            answer = await asyncio.get_running_loop().run_in_executor(_threads, callback, news)
            if not inspect.isawaitable(answer):
                return
        else:
            answer = callback(news)

        async def awaited() -> None:
            await answer

        if self._home is None or self._home.is_closed():
            await awaited()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(awaited(), self._home))
