"""Limit the speech streams that one owner has open; no job counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from gala.errors import RateLimited

STREAMS_PER_OWNER: Final = 4
"""In each API process."""

OpenStream = Callable[[], Awaitable[AsyncGenerator[bytes, None]]]


class SpeechStreamLimit:
    """Counts the open streams of each owner."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    async def stream(self, owner: str, open_stream: OpenStream) -> AsyncGenerator[bytes, None]:
        """Open a stream and return it; it counts until it ends or is closed, read or not.

        Raise RateLimited if the owner has STREAMS_PER_OWNER open, or what ``open_stream`` raises.
        """
        counted = self._counted(owner, open_stream)
        # Closing a generator that was never started would not run its ``finally``.
        await anext(counted)
        return counted

    async def _counted(self, owner: str, open_stream: OpenStream) -> AsyncGenerator[bytes, None]:
        self._begin(owner)
        try:
            chunks = await open_stream()
            try:
                yield b""
                async for chunk in chunks:
                    yield chunk
            finally:
                await chunks.aclose()
        finally:
            self._end(owner)

    def _begin(self, owner: str) -> None:
        if self._open[owner] >= STREAMS_PER_OWNER:
            raise RateLimited(
                f"You have {STREAMS_PER_OWNER} speech streams open; wait until one has ended.",
                hint="For long texts, submit a job of the type tts.",
            )
        self._open[owner] += 1

    def _end(self, owner: str) -> None:
        self._open[owner] -= 1
        if not self._open[owner]:
            del self._open[owner]
