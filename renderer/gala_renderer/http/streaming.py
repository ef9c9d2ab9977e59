"""Byte streams that are sent while they are produced; each wait ends at a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def begun(chunks: AsyncGenerator[bytes, None], give_up: float) -> AsyncGenerator[bytes, None]:
    """All of them, once the first is there; closing this closes them, read or not.

    Raises ``TimeoutError`` if it is not there at ``give_up`` (the loop's time), and
    ``StopAsyncIteration`` if there are none.
    """
    relayed = _relayed(chunks, give_up)
    # Only a generator that has begun runs its end when it is closed.
    await anext(relayed)
    return relayed


async def _relayed(
    chunks: AsyncGenerator[bytes, None], give_up: float
) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        async with asyncio.timeout_at(give_up):
            first = await anext(chunks, None)
        if first is None:
            return
        yield b""
        yield first
        async for chunk in chunks:
            yield chunk


async def read_by(stream: asyncio.StreamReader, most: int, give_up: float) -> bytes:
    """At most so many bytes; none at the end. Raises ``TimeoutError`` at ``give_up``."""
    async with asyncio.timeout_at(give_up):
        return await stream.read(most)
