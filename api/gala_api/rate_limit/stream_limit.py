"""Limit the streams that one owner has open; neither rates nor quotas count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from gala.errors import RateLimited

SPEECH_STREAMS: Final = 16
"""The usual limit of speech streams, in each API process."""
TIMELINE_FRAMES: Final = 4
"""How many frames of compositions are drawn for one owner at once, by each API process."""
RETRY_SECONDS: Final = 5

OpenStream = Callable[[], Awaitable[AsyncGenerator[bytes, None]]]


class TooManyStreams(RateLimited):
    """You have too many streams open; wait until one has ended."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The seconds to wait, as a header."""
        return {"Retry-After": str(RETRY_SECONDS)}


class StreamLimit:
    """Counts the open streams of each owner, in this process."""

    def __init__(self, limit: int, *, what: str, hint: str, setting: str | None = None):
        """``what`` and ``hint`` are of the error; ``setting`` is the limit's variable, if any."""
        self.limit = limit
        self._what = what
        self._hint = hint
        self._setting = setting
        self._open: Counter[str] = Counter()

    async def stream(self, owner: str, open_stream: OpenStream) -> AsyncGenerator[bytes, None]:
        """Open a stream and return it; it counts until it ends or is closed, read or not.

        Raise TooManyStreams if the owner has as many open as allowed, or what ``open_stream``
        raises.
        """
        counted = self._counted(owner, open_stream)
        # Closing a generator that was never started would not run its ``finally``.
        await anext(counted)
        return counted

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Count one stream of the owner for the block. Raise TooManyStreams."""
        if not self.has_room(owner):
            raise self._refusal()
        self._open[owner] += 1
        try:
            yield
        finally:
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]

    def has_room(self, owner: str) -> bool:
        """Return True if the owner may open another stream."""
        return self._open[owner] < self.limit

    async def _counted(self, owner: str, open_stream: OpenStream) -> AsyncGenerator[bytes, None]:
        with self.place(owner):
            chunks = await open_stream()
            try:
                yield b""
                async for chunk in chunks:
                    yield chunk
            finally:
                await chunks.aclose()

    def _refusal(self) -> TooManyStreams:
        by = f" ({self._setting})" if self._setting else ""
        return TooManyStreams(
            f"You have {self.limit} {self._what} open{by}; wait until one has ended.",
            hint=self._hint,
            limit=self.limit,
            setting=self._setting,
            retry_after_seconds=RETRY_SECONDS,
        )


def speech_streams(limit: int = SPEECH_STREAMS) -> StreamLimit:
    """Return the limit of streams of generated speech."""
    return StreamLimit(
        limit,
        what="speech streams",
        hint="For long texts, submit a job of the type tts; the operator can raise"
        " SPEECH_STREAMS_PER_OWNER.",
        setting="SPEECH_STREAMS_PER_OWNER",
    )


def timeline_frames() -> StreamLimit:
    """Return the limit of frames of compositions that are drawn at once."""
    return StreamLimit(
        TIMELINE_FRAMES,
        what="requests for frames",
        hint="Ask for one frame after the other.",
    )


def event_streams(limit: int) -> StreamLimit:
    """Return the limit of streams of events and of requests that wait for a job's end."""
    return StreamLimit(
        limit,
        what="event streams",
        hint="Close streams that you no longer read, list jobs instead, or let a `callback_url`"
        " tell the end; the operator can raise EVENT_STREAMS_PER_OWNER.",
        setting="EVENT_STREAMS_PER_OWNER",
    )
