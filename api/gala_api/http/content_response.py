"""Responses with the bytes of an asset, for every provider and kind of asset.

Conditions, ranges and headers follow RFC 9110. A whole local file is sent by the server
(``pathsend``); anything else is read in a thread, chunk by chunk, as fast as the client reads it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio
from anyio import to_thread
from anyio.lowlevel import RunVar
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gala.asgi import while_connected
from gala.errors import (
    AssetNotFound,
    GalaError,
    PreconditionFailed,
    StorageFailed,
    Unavailable,
)
from gala.media import MediaClass, media_class
from gala_api.http.conditional_requests import Validators, Verdict, evaluate, range_applies
from gala_api.http.filenames import Disposition, content_disposition
from gala_api.http.range_requests import requested_range
from gala_storage import (
    ByteRange,
    ObjectNotFound,
    ObjectStream,
    Storage,
    StorageError,
    StorageUnavailable,
    SupportsLocalPath,
)

logger = logging.getLogger(__name__)

_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.ASCII)
_UNKNOWN_MIME: Final = "application/octet-stream"
# Types that browsers display without running scripts; all others get a sandbox.
_PASSIVE: Final = frozenset({MediaClass.IMAGE, MediaClass.VIDEO, MediaClass.AUDIO})
_ACTIVE_IMAGE: Final = "image/svg+xml"
_SANDBOX: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
FRESH_SECONDS: Final = 86_400
"""How long clients may cache: bytes never change, but they can be deleted."""
# Reads wait for providers, so they have their own threads and do not delay the routes.
_READERS: Final = 64
# The server keeps about eight messages of each client that reads slowly, such as a paused player.
_SENT_BYTES: Final = 256 * 1024
_SIZE_DIFFERS: Final = "The size of the stored object differs from the size that was recorded."
_readers: RunVar[anyio.CapacityLimiter] = RunVar("gala_api.http.content_response.readers")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContent:
    """An object to send, as recorded in the database.

    ``size`` is in bytes, ``sha256`` in hexadecimal; ``filename`` may be any text;
    ``modified`` is UTC unless it has a time zone.
    """

    object_key: str
    mime: str
    size: int
    sha256: str
    filename: str
    modified: datetime


def content_response(
    request: Request,
    *,
    storage: Storage,
    stored: StoredContent,
    disposition: Disposition = Disposition.INLINE,
    fresh_seconds: int | None = FRESH_SECONDS,
) -> Response:
    """Return the response to a GET or HEAD of an object's bytes: 200, 206 or 304.

    The client's own cache may keep it for ``fresh_seconds``; shared caches may not. None: the URL
    may have other bytes at any time, so that caches have to ask.
    Nothing is read yet. Raise `PreconditionFailed` (412) or `UnsatisfiableRange` (416, whose
    ``headers`` belong in the response). The response itself raises `AssetNotFound`, `Unavailable`
    or `StorageFailed` before it has sent anything, if the provider does not deliver the bytes.
    """
    validators = Validators.of(stored.sha256, stored.modified)
    state = _state_headers(validators, fresh_seconds)
    match evaluate(request.headers, validators):
        case Verdict.FAILED:
            raise PreconditionFailed
        case Verdict.NOT_MODIFIED:
            return Response(status_code=304, headers=state)
        case Verdict.SEND:
            headers = state | _body_headers(stored, disposition)
    if request.method == "HEAD":
        return Response(headers=headers)
    part = None
    if range_applies(request.headers, validators):
        part = requested_range(request.headers.getlist("range"), stored.size)
    return ContentResponse(storage, stored, part=part, headers=headers)


class ContentResponse(Response):
    """Sends an object or a range of it, and closes it if the client disconnects."""

    def __init__(
        self,
        storage: Storage,
        stored: StoredContent,
        *,
        part: ByteRange | None,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(status_code=206 if part else 200, headers=headers)
        self._storage = storage
        self._stored = stored
        self._part = part
        self._length = part.length if part else stored.size
        self.headers["content-length"] = str(self._length)
        if part:
            self.headers["content-range"] = f"bytes {part.first}-{part.last}/{stored.size}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        server_reads = "http.response.pathsend" in scope.get("extensions", {})
        if server_reads and self._part is None and isinstance(self._storage, SupportsLocalPath):
            await self._send_by_server(self._storage, send)
            return
        async with while_connected(receive):
            await self._stream(send)

    async def _send_by_server(self, storage: SupportsLocalPath, send: Send) -> None:
        path = await to_thread.run_sync(self._local_file, storage, limiter=_limiter())
        await self._start(send)
        await send({"type": "http.response.pathsend", "path": str(path)})

    async def _stream(self, send: Send) -> None:
        # The first chunk is read before the head is sent: many providers only fail on reading.
        stream, chunk = await to_thread.run_sync(self._open, limiter=_limiter())
        try:
            await self._start(send)
            await self._send_rest(chunk, stream, send)
        finally:
            if not stream.closed:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(stream.close, limiter=_limiter())

    async def _send_rest(self, chunk: bytes, stream: ObjectStream, send: Send) -> None:
        """Send the chunk and all that follow; stopping early breaks the connection."""
        left = self._length
        while chunk and len(chunk) < left:
            for part in _parts(chunk):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            left -= len(chunk)
            try:
                chunk = await to_thread.run_sync(_next, stream, left, limiter=_limiter())
            except GalaError as error:
                key = self._stored.object_key
                logger.warning("content of %s ended %d bytes early: %s", key, left, error)
                return
        await send({"type": "http.response.body", "body": chunk[:left], "more_body": False})

    async def _start(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )

    def _open(self) -> tuple[ObjectStream, bytes]:
        with _storage_errors():
            stream = self._storage.open(self._stored.object_key, self._part)
        with ExitStack() as unless_opened:
            unless_opened.callback(stream.close)
            if stream.size != self._length:
                raise StorageFailed(_SIZE_DIFFERS)
            chunk = _next(stream, self._length)
            unless_opened.pop_all()
        return stream, chunk

    def _local_file(self, storage: SupportsLocalPath) -> Path:
        with _storage_errors():
            path = storage.local_path(self._stored.object_key)
            size = path.stat().st_size
        if size != self._length:
            raise StorageFailed(_SIZE_DIFFERS)
        return path


def _parts(chunk: bytes) -> Iterator[bytes]:
    """Yield a chunk in parts of at most ``_SENT_BYTES``."""
    for start in range(0, len(chunk), _SENT_BYTES):
        yield chunk[start : start + _SENT_BYTES]


def _next(stream: ObjectStream, left: int) -> bytes:
    """Return the next chunk; the stream is closed with the last, which saves a thread switch."""
    with _storage_errors():
        chunk = next(stream, b"")
    if len(chunk) >= left:
        stream.close()
    return chunk


@contextmanager
def _storage_errors() -> Iterator[None]:
    """Raise AssetNotFound, Unavailable or StorageFailed for errors of the storage."""
    try:
        yield
    except ObjectNotFound as error:
        raise AssetNotFound("The storage no longer has the bytes of this asset.") from error
    except StorageUnavailable as error:
        raise Unavailable("The storage does not answer now; try again.") from error
    except (StorageError, OSError) as error:
        raise StorageFailed from error


def _limiter() -> anyio.CapacityLimiter:
    """Return the limiter of the running event loop."""
    try:
        return _readers.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_READERS)
        _readers.set(limiter)
        return limiter


def _state_headers(validators: Validators, fresh_seconds: int | None) -> dict[str, str]:
    """Return the headers about an object's state, which every response has."""
    fresh = "no-cache" if fresh_seconds is None else f"max-age={fresh_seconds}, immutable"
    return {
        "etag": validators.etag,
        "last-modified": validators.last_modified,
        "cache-control": f"private, {fresh}",
        "accept-ranges": "bytes",
    }


def _body_headers(stored: StoredContent, disposition: Disposition) -> dict[str, str]:
    mime = stored.mime if _MIME.fullmatch(stored.mime) else _UNKNOWN_MIME
    headers = {
        "content-type": f"{mime}; charset=utf-8" if mime.startswith("text/") else mime,
        "content-length": str(stored.size),
        "content-disposition": content_disposition(disposition, stored.filename),
        "x-content-type-options": "nosniff",
    }
    if mime == _ACTIVE_IMAGE or media_class(mime) not in _PASSIVE:
        headers["content-security-policy"] = _SANDBOX
    return headers
