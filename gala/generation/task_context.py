"""The interface of one attempt to the code that runs it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gala.errors import GalaError

T = TypeVar("T")


class TaskCancelled(GalaError):
    """The task was cancelled."""


class TaskContext:
    """One attempt of a task: where its file is written, its progress and its cancellation.

    Its files are in ``folder`` and start with ``task_id``. Must be created in the event loop in
    which ``on_progress`` is to be called.
    """

    def __init__(self, task_id: str, folder: Path, on_progress: Callable[[float], None]):
        self.task_id = task_id
        self.folder = folder
        self._loop = asyncio.get_running_loop()
        self._on_progress = on_progress
        self._stop = threading.Event()

    def target(self, suffix: str) -> Path:
        """Return the path for a result; ``suffix`` starts with a dot."""
        return self.folder / f"{self.task_id}{suffix}"

    def progress(self, fraction: float) -> None:
        """Report progress, 0 to 1; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._on_progress, fraction)

    def checkpoint(self) -> None:
        """Raise ``TaskCancelled`` if the task was cancelled; for blocking code in a thread."""
        if self._stop.is_set():
            raise TaskCancelled

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Run a blocking function in a thread; a cancellation waits until it has returned."""
        running = asyncio.ensure_future(asyncio.to_thread(function))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait({running})
            if not running.cancelled():
                # Retrieved, so that asyncio does not report an error that nothing awaits.
                running.exception()
            raise
