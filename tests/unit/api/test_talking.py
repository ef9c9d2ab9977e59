"""Speech streams are counted while they are open."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from gala.errors import RateLimited, Unavailable
from gala_api.rate_limit.stream_limit import SPEECH_STREAMS, speech_streams


async def sound() -> AsyncGenerator[bytes, None]:
    yield b"one"
    yield b"two"


async def opens() -> AsyncGenerator[bytes, None]:
    return sound()


@pytest.mark.anyio
async def test_one_too_many_is_refused_until_another_was_closed_even_unread() -> None:
    stream_limit = speech_streams()
    streams = [await stream_limit.stream("ana", opens) for _ in range(SPEECH_STREAMS)]
    with pytest.raises(RateLimited):
        await stream_limit.stream("ana", opens)
    assert b"".join([chunk async for chunk in await stream_limit.stream("ben", opens)]) == b"onetwo"
    await streams[0].aclose()
    again = await stream_limit.stream("ana", opens)
    assert b"".join([chunk async for chunk in again]) == b"onetwo"
    assert await stream_limit.stream("ana", opens)


@pytest.mark.anyio
async def test_what_cannot_be_opened_does_not_count() -> None:
    async def fails() -> AsyncGenerator[bytes, None]:
        raise Unavailable

    stream_limit = speech_streams()
    for _ in range(SPEECH_STREAMS + 1):
        with pytest.raises(Unavailable):
            await stream_limit.stream("ana", fails)
    assert await stream_limit.stream("ana", opens)
