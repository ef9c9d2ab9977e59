"""A limit on the number of tasks that run at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ResourcePool:
    """Lets ``size`` tasks run at once; further tasks wait in order.

    Several workflows can share one pool.
    """

    def __init__(self, size: int):
        if size < 1:
            raise ValueError("size: must be at least 1")
        self.size = size
        self.running = 0
        self.waiting = 0
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a free slot, and hold it within the context."""
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._free.release()
