"""Streams that are produced ahead of their readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from gala_renderer.http.spooling import Spools

SECONDS = 10.0


class Source:
    """A stream of numbered chunks that notes how far it was read."""

    def __init__(self, count: int, size: int = 1000, *, fails: bool = False):
        self.content = [bytes([number % 256]) * size for number in range(count)]
        self.fails = fails
        self.made = 0
        self.ended = asyncio.Event()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            for chunk in self.content:
                await asyncio.sleep(0)
                self.made += 1
                yield chunk
            if self.fails:
                raise RuntimeError
        finally:
            self.ended.set()


async def whole(chunks: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def stands_still(source: Source) -> int:
    """Return how many chunks were made once no more are."""
    made = -1
    while made != source.made:
        made = source.made
        for _ in range(20):
            await asyncio.sleep(0)
    return made


@pytest.mark.anyio
@pytest.mark.parametrize("count", [1, 10, 2000])
async def test_a_stream_ends_before_it_is_read_and_nothing_of_it_is_lost(count: int) -> None:
    source = Source(count)
    spooled = await Spools().spooled(source.chunks())
    async with asyncio.timeout(SECONDS):
        await source.ended.wait()
    assert await whole(spooled) == b"".join(source.content)


@pytest.mark.anyio
async def test_a_stream_far_ahead_of_its_reader_waits_for_it() -> None:
    source = Source(100)
    spooled = await Spools(max_bytes=5000).spooled(source.chunks())
    assert await stands_still(source) == 5
    assert not source.ended.is_set()
    assert await whole(spooled) == b"".join(source.content)


@pytest.mark.anyio
async def test_streams_that_are_far_ahead_together_wait_but_one_that_is_read_goes_on() -> None:
    spools = Spools(max_total_bytes=5000)
    slow, other = Source(100), Source(100)
    unread = await spools.spooled(slow.chunks())
    assert await stands_still(slow) == 5
    read = await spools.spooled(other.chunks())
    assert await whole(read) == b"".join(other.content)
    assert await whole(unread) == b"".join(slow.content)
    third = Source(3)
    unread = await spools.spooled(third.chunks())
    assert await stands_still(third) == 3
    await unread.aclose()


@pytest.mark.anyio
async def test_who_goes_away_ends_what_is_made_for_them_and_frees_its_room() -> None:
    spools = Spools(max_bytes=50_000, max_total_bytes=5000)
    source = Source(100)
    async with aclosing(await spools.spooled(source.chunks())):
        assert await stands_still(source) == 5
    assert source.ended.is_set()
    next_one = Source(100)
    unread = await spools.spooled(next_one.chunks())
    assert await stands_still(next_one) == 5
    await unread.aclose()


@pytest.mark.anyio
async def test_an_unread_stream_is_ended_by_closing_it() -> None:
    source = Source(100)
    spooled = await Spools(max_bytes=5000).spooled(source.chunks())
    await stands_still(source)
    await spooled.aclose()
    assert source.ended.is_set()


@pytest.mark.anyio
async def test_what_fails_halfway_is_read_up_to_there() -> None:
    source = Source(10, fails=True)
    spooled = await Spools().spooled(source.chunks())
    async with asyncio.timeout(SECONDS):
        await source.ended.wait()
    assert await anext(spooled) == b"".join(source.content)
    with pytest.raises(RuntimeError):
        await anext(spooled)
