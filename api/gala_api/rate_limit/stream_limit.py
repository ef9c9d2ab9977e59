"""How many streams of speech one caller may have at once: no job counts them, so this does."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from gala.errors import RateLimited

STREAMS_PER_OWNER: Final = 4
"""In each API process. A stream is speech that somebody listens to as it is made."""

Opening = Callable[[], Awaitable[AsyncGenerator[bytes, None]]]


class SpeechStreamLimit:
    """The streams that are open now, by owner."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    async def stream(self, owner: str, opens: Opening) -> AsyncGenerator[bytes, None]:
        """The stream, which counts until it ends or is closed, read or not.

        Raises RateLimited for one too many, and what keeps it from being opened.
        """
        counted = self._counted(owner, opens)
        # Only a generator that has begun runs its end when it is closed.
        await anext(counted)
        return counted

    async def _counted(self, owner: str, opens: Opening) -> AsyncGenerator[bytes, None]:
        self._begin(owner)
        try:
            chunks = await opens()
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
                f"You listen to {STREAMS_PER_OWNER} texts already; wait until one has ended.",
                hint="For long texts, make a job of type tts.",
            )
        self._open[owner] += 1

    def _end(self, owner: str) -> None:
        self._open[owner] -= 1
        if not self._open[owner]:
            del self._open[owner]
