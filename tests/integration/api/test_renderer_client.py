"""Streams from the renderer: a client that stops reading closes them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import Request
from starlette.types import Message

from gala.asgi import CLIENT_CLOSED_REQUEST
from gala.db.engine import make_engine, make_sessions
from gala.errors import Unavailable
from gala_api.dependencies import Services
from gala_api.openai.routes.speech import create_speech
from gala_api.openai.schemas import CreateSpeechRequest
from gala_api.rate_limit.stream_limit import speech_streams
from gala_api.renderer_client import RendererClient

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"


async def _let_go(*, after: int) -> None:
    """Open an endless stream and close it after some chunks; the server notices it."""
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
        async with asyncio.timeout(10):
            await gone.wait()
    finally:
        await client.aclose()
        server.close()


def test_closing_what_nobody_read_from_ends_its_making() -> None:
    asyncio.run(_let_go(after=0))


def test_closing_in_the_middle_ends_its_making() -> None:
    asyncio.run(_let_go(after=1))


async def _leave_before_the_first_sound(database_url: str) -> int:
    """Disconnect before the first chunk, and return the route's status; the server notices it."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    async def leave() -> Message:
        await asked.wait()
        return {"type": "http.disconnect"}

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    client = RendererClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    engine = make_engine(database_url, name="test", pool_size=1)
    sessions = make_sessions(engine)
    services = cast(
        Services,
        SimpleNamespace(renderer=client, stream_limit=speech_streams(), sessions=sessions),
    )
    try:
        async with asyncio.timeout(10):
            body = CreateSpeechRequest(model="tts-1", input="Hello", voice="alloy")
            request = Request({"type": "http"}, leave)
            answer = await create_speech(body, request, services, "ana")
            await gone.wait()
    finally:
        await client.aclose()
        server.close()
        engine.dispose()
    return answer.status_code


def test_leaving_before_the_first_sound_ends_its_making(database_url: str) -> None:
    assert asyncio.run(_leave_before_the_first_sound(database_url)) == CLIENT_CLOSED_REQUEST


MISDIRECTED = b"HTTP/1.1 421 Misdirected Request\r\ncontent-length: 2\r\n\r\n{}"


async def _reject_the_name() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(MISDIRECTED)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = RendererClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        await client.get("/voices")
    finally:
        await client.aclose()
        server.close()


def test_a_renderer_with_another_name_is_a_mistake_of_the_operator() -> None:
    with pytest.raises(Unavailable, match="RENDERER_HTTP_BASEURL") as caught:
        asyncio.run(_reject_the_name())
    assert "RENDERER_ALLOWED_HOSTS" in str(caught.value.hint)
