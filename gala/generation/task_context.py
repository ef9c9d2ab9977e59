"""What a piece of work sees of whoever has it done."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gala.errors import GalaError

T = TypeVar("T")


class Stopped(GalaError):
    """The work was cancelled."""


class TaskContext:
    """One attempt: where its file goes, and how it tells how far it is.

    Its files, in ``folder``, are named by ``task_id``. Made in the event loop that ``on_progress``
    is called in.
    """

    def __init__(self, task_id: str, folder: Path, on_progress: Callable[[float], None]):
        self.task_id = task_id
        self.folder = folder
        self._loop = asyncio.get_running_loop()
        self._on_progress = on_progress
        self._stop = threading.Event()

    def target(self, suffix: str) -> Path:
        """Where the result goes; ``suffix`` has its dot."""
        return self.folder / f"{self.task_id}{suffix}"

    def progress(self, fraction: float) -> None:
        """Tell how far it is, 0 to 1; from any thread."""
        self._loop.call_soon_threadsafe(self._on_progress, fraction)

    def checkpoint(self) -> None:
        """In a thread: end here (by ``Stopped``) if the work was cancelled."""
        if self._stop.is_set():
            raise Stopped

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Do what blocks in a thread. Cancelled, it is over when the function has ended."""
        running = asyncio.ensure_future(asyncio.to_thread(function))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._stop.set()
            await asyncio.wait({running})
            if not running.cancelled():
                # Whatever it ended with: nobody asks any more.
                running.exception()
            raise
