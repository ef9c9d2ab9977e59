"""Bounds what runs at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ResourcePool:
    """So many tasks at once; further ones wait in their order.

    One pool may serve several workflows.
    """

    def __init__(self, size: int):
        if size < 1:
            raise ValueError("size: must be at least 1")
        self.size = size
        self.running = 0
        self.waiting = 0
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place in it, as soon as one is free."""
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
