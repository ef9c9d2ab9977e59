"""Bytes that the renderer makes for the API: whoever stops listening lets go of them."""

from __future__ import annotations

import asyncio

from gala_api.renderer import RendererClient

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"


async def _let_go(*, after: int) -> None:
    """Open a stream without end and close it after so many chunks; its maker learns of it."""
    gone = asyncio.Event()

    async def make(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(make, "127.0.0.1", 0)
    client = RendererClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        chunks = await client.open("/speech", {})
        for _ in range(after):
            assert await anext(chunks) == b"hello"
        await chunks.aclose()
        await asyncio.wait_for(gone.wait(), 10)
    finally:
        await client.aclose()
        server.close()


def test_closing_what_nobody_read_from_ends_its_making() -> None:
    asyncio.run(_let_go(after=0))


def test_closing_in_the_middle_ends_its_making() -> None:
    asyncio.run(_let_go(after=1))
