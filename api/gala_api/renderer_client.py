"""What must answer as it is made: bytes that the renderer makes, relayed without a job."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import httpx

from gala.errors import GalaError, Unavailable, error_of

# A text may take its time until its first sentence is spoken.
_TIMEOUT: Final = httpx.Timeout(10.0, read=300.0)


class RendererClient:
    """The renderer as the API sees it. Connections are kept; nothing is connected until asked."""

    def __init__(self, base_url: str):
        self._client = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT, trust_env=False)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def ask(self, path: str) -> dict[str, Any]:
        """The JSON that the renderer answers with. Raises Unavailable, or what it raised."""
        with _connection_errors():
            answer = await self._client.get(path)
        _raise_refusal(answer)
        told: dict[str, Any] = answer.json()
        return told

    async def open(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
        """Bytes as they are made; returns once the first of them are on their way.

        Closing the generator stops their making. Raises Unavailable, or what the renderer raised.
        """
        request = self._client.build_request("POST", path, json=body)
        with _connection_errors():
            answer = await self._client.send(request, stream=True)
        if answer.is_error:
            async with _closing(answer):
                with _connection_errors():
                    await answer.aread()
                _raise_refusal(answer)
        chunks = _chunks(answer)
        # Begun here: closing a generator that never began would leave the answer open.
        await anext(chunks)
        return chunks


async def _chunks(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The bytes, after an empty piece that only begins."""
    async with _closing(answer):
        yield b""
        with _connection_errors():
            async for chunk in answer.aiter_raw():
                yield chunk


@asynccontextmanager
async def _closing(answer: httpx.Response) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await answer.aclose()


@contextmanager
def _connection_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise Unavailable("The renderer does not answer now; try again.") from error


def _raise_refusal(answer: httpx.Response) -> None:
    if not answer.is_error:
        return
    try:
        told = answer.json()["error"]
        refusal = error_of(told["code"], told["message"], details=told.get("details"))
    except (ValueError, KeyError, TypeError) as error:
        raise GalaError("The renderer answered with an error of its own.") from error
    raise refusal
