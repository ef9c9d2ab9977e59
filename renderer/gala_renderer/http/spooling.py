"""Byte streams that are produced without waiting for those who read them slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from tempfile import SpooledTemporaryFile
from typing import Final

MAX_BYTES: Final = 32 * 1024**2
"""How far one stream may be ahead of its reader: 45 minutes of MP3, 11 of WAV."""
MAX_TOTAL_BYTES: Final = 512 * 1024**2
"""How far all streams together may be ahead."""
_MEMORY_BYTES: Final = 256 * 1024
"""What is kept in memory; more goes to a file without a name, which ends with its process."""
_READ_BYTES: Final = 64 * 1024


class Spools:
    """Reads streams ahead of their readers, so that what produces them ends early."""

    def __init__(self, max_bytes: int = MAX_BYTES, max_total_bytes: int = MAX_TOTAL_BYTES):
        self._max_bytes = max_bytes
        self._max_total_bytes = max_total_bytes
        self._total = 0

    async def spooled(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Return the bytes of a stream that is read to its end at once, within the limits.

        Beyond them it is read as fast as the returned generator is. Closing that, read or not,
        closes the stream.
        """
        relayed = self._relayed(chunks)
        # A generator that has not started would not run its `finally` when it is closed.
        await anext(relayed)
        return relayed

    async def _relayed(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        spool = _Spool()
        reading = asyncio.create_task(self._read_ahead(chunks, spool))
        # Wakes up the loop below at the end, and after a failure.
        reading.add_done_callback(lambda _: spool.written.set())
        try:
            yield b""
            while chunk := await self._next(spool, reading):
                yield chunk
            await reading
        finally:
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                reading.exception()  # Seen; a reader that has gone does not need it.
            self._total -= spool.size
            spool.close()

    async def _read_ahead(self, chunks: AsyncGenerator[bytes, None], spool: _Spool) -> None:
        async with aclosing(chunks):
            async for chunk in chunks:
                spool.write(chunk)
                self._total += len(chunk)
                # One whose reader keeps up goes on, however far ahead the others are.
                while spool.size and self._is_far_ahead(spool):
                    await spool.emptied.wait()

    def _is_far_ahead(self, spool: _Spool) -> bool:
        return spool.size >= self._max_bytes or self._total >= self._max_total_bytes

    async def _next(self, spool: _Spool, reading: asyncio.Task[None]) -> bytes:
        """Return the next bytes; none after the last ones."""
        while not spool.unread and not reading.done():
            spool.written.clear()
            await spool.written.wait()
        chunk = spool.read(_READ_BYTES)
        if not spool.unread:
            self._total -= spool.size
            spool.empty()
        return chunk


class _Spool:
    """Bytes that were produced, the read ones included until all are read."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_MEMORY_BYTES)  # noqa: SIM115 - `close` closes it
        self.size = 0
        self._position = 0
        self.written = asyncio.Event()
        self.emptied = asyncio.Event()

    @property
    def unread(self) -> int:
        """The number of bytes that are not read yet."""
        return self.size - self._position

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._file.seek(self.size)
        self._file.write(chunk)
        self.size += len(chunk)
        self.emptied.clear()
        self.written.set()

    def read(self, size: int) -> bytes:
        """Return the next bytes, up to this many."""
        self._file.seek(self._position)
        chunk = self._file.read(size)
        self._position += len(chunk)
        return chunk

    def empty(self) -> None:
        """Discard all bytes."""
        self._file.seek(0)
        self._file.truncate()
        self.size = self._position = 0
        self.emptied.set()

    def close(self) -> None:
        """Discard the file."""
        self._file.close()
