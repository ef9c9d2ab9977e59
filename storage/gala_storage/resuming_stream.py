"""Streams that resume at the position where a connection broke."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gala_storage.contract import ByteRange, ObjectStream
from gala_storage.errors import StorageUnavailable
from gala_storage.retry import Backoff, RetryPolicy

Fetch = Callable[[ByteRange | None], ObjectStream]
"""Sends one request for the whole object or a range of it."""


def resuming_stream(
    fetch: Fetch, byte_range: ByteRange | None, policy: RetryPolicy
) -> ObjectStream:
    """Return a stream that, after a broken connection, requests the remaining bytes."""
    source = policy.call(lambda: fetch(byte_range))
    first = byte_range.first if byte_range else 0
    chunks = _ResumingChunks(source, fetch, first, policy)
    return ObjectStream(chunks, size=source.size, close=chunks.close)


class _ResumingChunks:
    def __init__(self, source: ObjectStream, fetch: Fetch, first: int, policy: RetryPolicy) -> None:
        self._source = source
        self._fetch = fetch
        self._next = first
        self._last = first + source.size - 1
        self._backoff = Backoff(policy)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while True:
            try:
                chunk = next(self._source)
            except StorageUnavailable as failure:
                self._reconnect(failure)
            else:
                self._next += len(chunk)
                self._backoff.reset()
                return chunk

    def _reconnect(self, failure: StorageUnavailable) -> None:
        self._source.close()
        while True:
            self._backoff.pause(failure)
            try:
                self._source = self._fetch(ByteRange(self._next, self._last))
            except StorageUnavailable as again:
                failure = again
            else:
                return

    def close(self) -> None:
        self._source.close()
