"""Byte streams that are sent while they are produced; each wait ends at a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def begun(
    chunks: AsyncGenerator[bytes, None], deadline: float
) -> AsyncGenerator[bytes, None]:
    """Wait for the first chunk, then return a generator of all chunks.

    Closing the returned generator closes ``chunks``, even if nothing was read. Raises
    ``TimeoutError`` if there is no chunk at ``deadline`` (the loop's time), and
    ``StopAsyncIteration`` if there are none at all.
    """
    relayed = _relayed(chunks, deadline)
    # A generator that has not started would not run its `finally` when it is closed.
    await anext(relayed)
    return relayed


async def _relayed(
    chunks: AsyncGenerator[bytes, None], deadline: float
) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        async with asyncio.timeout_at(deadline):
            first = await anext(chunks, None)
        if first is None:
            return
        yield b""
        yield first
        async for chunk in chunks:
            yield chunk


async def read_by(stream: asyncio.StreamReader, size: int, deadline: float) -> bytes:
    """Return up to ``size`` bytes, none at the end; raise ``TimeoutError`` at ``deadline``."""
    async with asyncio.timeout_at(deadline):
        return await stream.read(size)
