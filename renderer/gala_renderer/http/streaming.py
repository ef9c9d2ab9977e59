"""Byte streams that are sent while they are produced; each wait ends at a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from gala_renderer.sandbox.program_end import ProgramKilled


async def begun(
    make: Callable[[], AsyncGenerator[bytes, None]], deadline: float
) -> AsyncGenerator[bytes, None]:
    """Wait for the first chunk of a stream that ``make`` produces; return a generator of all.

    If a program is killed from outside before that, the stream is made once more: no job repeats
    it. Closing the returned generator closes the stream, even if nothing was read. Raises
    ``TimeoutError`` if there is no chunk at ``deadline`` (the loop's time), and
    ``StopAsyncIteration`` if there are none at all.
    """
    try:
        return await _begun(make(), deadline)
    except ProgramKilled:
        return await _begun(make(), deadline)


async def _begun(
    chunks: AsyncGenerator[bytes, None], deadline: float
) -> AsyncGenerator[bytes, None]:
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
