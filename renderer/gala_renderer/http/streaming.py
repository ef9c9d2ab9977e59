"""Bytes that are sent while they are made, to somebody who may go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.types import Receive

_T = TypeVar("_T")


class ClientGone(Exception):
    """Nobody waits for the answer any more; what was made for it has been ended."""


async def while_there(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T:
    """What the work brings; it is ended as soon as the client has gone.

    The server tells of that only through ``receive``: a ``send`` to nobody succeeds. Raises
    ``ClientGone`` then.
    """
    working = asyncio.create_task(work)
    going = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, going}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        going.cancel()
        await asyncio.wait({working, going})
    if working.cancelled():
        raise ClientGone
    return working.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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
