"""Uploads: a multipart body of any size goes to a private file while its checksum is made."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request

from gala.errors import GalaError, InvalidRequest, OutOfDisk
from gala_api.multipart import (
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    TEMPORARY_PREFIX,
    MultipartWriter,
    disk_errors,
    too_large,
)

# Pieces from the socket are gathered before a thread takes them: few hops, little memory.
_GATHERED: Final = 1024 * 1024
# What fields, headers and boundaries may add to the file in the length of a request.
_ENVELOPE: Final = (MAX_FIELDS + 1) * MAX_FIELD_BYTES
# A refused client still sends; closing at once would reset the connection under the answer.
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedUpload:
    """An upload that is complete on disk; ``filename`` is for display, never for a path."""

    path: Path
    size: int
    sha256: str
    filename: str
    fields: dict[str, str]


@asynccontextmanager
async def receive_upload(
    request: Request, *, staging: Path, max_bytes: int
) -> AsyncIterator[ReceivedUpload]:
    """Take a ``multipart/form-data`` body with one ``file`` into the folder ``staging``.

    The file is gone when the context ends, unless it was moved away; so is it after any failure.
    Raises `InvalidRequest` (``details.field`` names the field), `PayloadTooLarge` for a file above
    ``max_bytes``, and `OutOfDisk`.
    """
    writer = MultipartWriter(
        request.headers.get("content-type"), folder=staging, max_bytes=max_bytes
    )
    try:
        await _receive(request, writer, staging=staging, max_bytes=max_bytes)
        sink = await to_thread.run_sync(writer.finish)
        yield ReceivedUpload(
            path=sink.path,
            size=sink.size,
            sha256=sink.sha256.hexdigest(),
            filename=writer.filename,
            fields=writer.fields,
        )
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(writer.discard)


def remove_stale_uploads(staging: Path, *, older_than_s: float) -> int:
    """Remove what a killed process left under ``staging``; returns how many files went."""
    removed = 0
    for path in staging.glob(f"{TEMPORARY_PREFIX}*"):
        if path.is_file() and time.time() - path.stat().st_mtime > older_than_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


async def _receive(
    request: Request, writer: MultipartWriter, *, staging: Path, max_bytes: int
) -> None:
    body = _Body(request)
    try:
        await to_thread.run_sync(_check_length, request, staging, max_bytes)
        received = 0
        async for piece in body.gathered():
            received += len(piece)
            if received > max_bytes + _ENVELOPE:
                raise too_large(max_bytes)
            await to_thread.run_sync(writer.write, piece)
    except ClientDisconnect as error:
        raise InvalidRequest("The upload was cut off before its end.") from error
    except GalaError:
        if body.sending:
            await _linger(request)
        raise


def _check_length(request: Request, staging: Path, max_bytes: int) -> None:
    """Refuse at once what its declared length says cannot end well."""
    length = int(request.headers.get("content-length", 0))
    if length > max_bytes + _ENVELOPE:
        raise too_large(max_bytes)
    with disk_errors():
        staging.mkdir(parents=True, exist_ok=True)
    if length > shutil.disk_usage(staging).free:
        raise OutOfDisk("There is no room left on this server for the upload.")


class _Body:
    """The body as it arrives; ``sending`` while the client has more to send."""

    def __init__(self, request: Request):
        self._request = request
        # A client that expects "100 Continue" sends nothing until the first piece is asked for.
        self.sending = "expect" not in request.headers

    async def gathered(self) -> AsyncIterator[bytes]:
        """Pieces of a size that is worth a thread."""
        self.sending = True
        pieces: list[bytes] = []
        size = 0
        async for piece in self._request.stream():
            pieces.append(piece)
            size += len(piece)
            if size >= _GATHERED:
                yield b"".join(pieces)
                pieces, size = [], 0
        self.sending = False
        yield b"".join(pieces)


async def _linger(request: Request) -> None:
    """Throw away what a refused client still sends, within limits, so that it reads the answer."""
    left = _LINGER_BYTES
    with anyio.move_on_after(_LINGER_SECONDS):
        while left > 0:
            message = await request.receive()
            left -= len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return
