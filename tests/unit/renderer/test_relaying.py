"""Streamed responses: the producer is stopped whenever the client disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from gala.asgi import ClientDisconnected, run_while_connected
from gala_renderer.http.streaming import begun, read_by
from gala_renderer.sandbox.program_end import ProgramKilled

SECONDS = 10.0


def soon() -> float:
    return asyncio.get_running_loop().time() + SECONDS


async def stays() -> Message:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def goes() -> Message:
    return {"type": "http.disconnect"}


@pytest.mark.anyio
@pytest.mark.parametrize("turns", range(8))
async def test_a_cancel_that_comes_as_bytes_come_is_not_lost(turns: int) -> None:
    stream = asyncio.StreamReader()
    give_up = soon()

    async def read_all() -> None:
        while await read_by(stream, 1024, give_up):
            pass

    reading = asyncio.create_task(read_all())
    await asyncio.sleep(0)
    stream.feed_data(b"sound")
    for _ in range(turns):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait({reading}, timeout=SECONDS)
    assert reading.cancelled()


@pytest.mark.anyio
async def test_who_never_sends_is_given_up_in_time() -> None:
    with pytest.raises(TimeoutError):
        await read_by(asyncio.StreamReader(), 1024, asyncio.get_running_loop().time())


@pytest.mark.anyio
async def test_work_for_somebody_who_has_gone_is_ended_before_that_is_told() -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended = True

    with pytest.raises(ClientDisconnected):
        await run_while_connected(goes, work())
    assert ended


@pytest.mark.anyio
async def test_who_stays_gets_what_was_made_or_what_went_wrong() -> None:
    async def works() -> int:
        return 7

    async def fails() -> int:
        raise LookupError

    assert await run_while_connected(stays, works()) == 7
    with pytest.raises(LookupError):
        await run_while_connected(stays, fails())


class Tap:
    """Yields a few chunks, and records whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def chunks(self, count: int) -> AsyncGenerator[bytes, None]:
        try:
            for number in range(count):
                yield b"%d" % number
        finally:
            self.closed = True


@pytest.mark.anyio
async def test_closing_what_was_not_read_closes_what_it_comes_from() -> None:
    tap = Tap()
    relayed = await begun(lambda: tap.chunks(3), soon())
    await relayed.aclose()
    assert tap.closed


@pytest.mark.anyio
async def test_nothing_is_lost_between_the_first_and_the_rest() -> None:
    relayed = await begun(lambda: Tap().chunks(3), soon())
    assert b"".join([chunk async for chunk in relayed]) == b"012"
    with pytest.raises(StopAsyncIteration):
        await begun(lambda: Tap().chunks(0), soon())


@pytest.mark.anyio
async def test_a_stream_whose_program_is_killed_before_it_begins_is_made_once_more() -> None:
    made = []

    async def killed_at_first() -> AsyncGenerator[bytes, None]:
        made.append(1)
        if len(made) == 1:
            raise ProgramKilled
        yield b"sound"

    relayed = await begun(killed_at_first, soon())
    assert [chunk async for chunk in relayed] == [b"sound"]


@pytest.mark.anyio
async def test_a_stream_whose_program_is_killed_each_time_is_given_up() -> None:
    made = []

    async def killed() -> AsyncGenerator[bytes, None]:
        made.append(1)
        raise ProgramKilled
        yield b""

    with pytest.raises(ProgramKilled):
        await begun(killed, soon())
    assert len(made) == 2
