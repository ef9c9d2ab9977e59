"""Calls the callbacks of a task for its changes, in order and without delaying the work."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gala.factory.metrics import WorkflowMetrics
from gala.factory.models import Callback, MediaTask

_log = logging.getLogger(__name__)

_threads: Final = ThreadPoolExecutor(4, thread_name_prefix="gala-factory-callback")
"""Separate from the loop's executor, so that a slow callback does not delay the work."""


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that the caller runs in, or ``None``."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class CallbackDispatcher:
    """Dispatches changes of one task; ``async`` callbacks run in ``loop``, the caller's own."""

    def __init__(
        self,
        callbacks: Sequence[Callback],
        loop: asyncio.AbstractEventLoop | None,
        metrics: WorkflowMetrics,
    ):
        self._callbacks = callbacks
        self._loop = loop
        self._metrics = metrics
        self._queue: deque[MediaTask] = deque()
        self._dispatching: asyncio.Task[None] | None = None

    def notify(self, task: MediaTask) -> None:
        """Queue a snapshot of the task for its callbacks; called in the factory's loop."""
        if not self._callbacks:
            return
        if self._queue and self._queue[-1].status is task.status:
            # A newer progress replaces one that has not been delivered.
            self._queue.pop()
        self._queue.append(task.snapshot())
        if self._dispatching is None or self._dispatching.done():
            self._dispatching = asyncio.create_task(self._dispatch())

    async def _dispatch(self) -> None:
        while self._queue:
            snapshot = self._queue.popleft()
            calls = (self._call(callback, snapshot) for callback in self._callbacks)
            for error in await asyncio.gather(*calls, return_exceptions=True):
                if error is not None:
                    self._metrics.callback_errors += 1
                    _log.error("A callback of task %s failed.", snapshot.task_id, exc_info=error)

    async def _call(self, callback: Callback, snapshot: MediaTask) -> None:
        if not inspect.iscoroutinefunction(callback):
            result = await asyncio.get_running_loop().run_in_executor(_threads, callback, snapshot)
            if not inspect.isawaitable(result):
                return
        else:
            result = callback(snapshot)

        async def await_result() -> None:
            await result

        if self._loop is None or self._loop.is_closed():
            await await_result()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(await_result(), self._loop))
