"""Receive forms and uploads: files of any size are written to disk and hashed as they arrive."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import anyio
from anyio import to_thread
from starlette.requests import Request

from gala.errors import InvalidRequest, OutOfDisk
from gala.files import disk_errors
from gala_api.http.multipart import (
    DISK_FULL,
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    FileSink,
    MultipartWriter,
    too_large,
)

FILE_FIELD: Final = "file"
URL_ENCODED: Final = "application/x-www-form-urlencoded"
MAX_URL_ENCODED_BYTES: Final = 1024 * 1024

# Chunks from the socket are joined before a thread writes them: few thread switches.
_WRITE_BYTES: Final = 1024 * 1024
# What fields, headers and boundaries may add to the length of a request.
_ENVELOPE: Final = (MAX_FIELDS + 1) * MAX_FIELD_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """A complete file on disk; ``filename`` is for display, never for a path."""

    path: Path
    size: int
    sha256: str
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedForm:
    """A form: its fields, those that may repeat (``name[]``), and its files, by name."""

    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    files: Mapping[str, ReceivedFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedUpload(ReceivedFile):
    """An upload of one file with its form fields."""

    fields: Mapping[str, str]


@asynccontextmanager
async def receive_form(
    request: Request, *, staging: Path, files: Collection[str], max_bytes: int
) -> AsyncIterator[ReceivedForm]:
    """Receive a form, multipart or URL-encoded; fields named in ``files`` may be files.

    The files are in the folder ``staging`` and are deleted when the context ends, unless they were
    moved away. Raise `InvalidRequest` (``details.field`` names the field), `PayloadTooLarge` if the
    files exceed ``max_bytes`` in all, or `OutOfDisk`.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() == URL_ENCODED:
        yield await _url_encoded(request)
        return
    writer = MultipartWriter(content_type, folder=staging, files=files, max_bytes=max_bytes)
    try:
        await _receive(request, writer, staging=staging, max_bytes=max_bytes)
        await to_thread.run_sync(writer.finish)
        yield ReceivedForm(
            fields=writer.fields,
            lists=writer.lists,
            files={name: received_file(sink) for name, sink in writer.sinks.items()},
        )
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(writer.discard)


def received_file(sink: FileSink) -> ReceivedFile:
    """Return the description of a complete file."""
    return ReceivedFile(
        path=sink.path,
        size=sink.size,
        sha256=sink.sha256.hexdigest(),
        filename=sink.filename,
    )


async def _url_encoded(request: Request) -> ReceivedForm:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_URL_ENCODED_BYTES:
            raise too_large(MAX_URL_ENCODED_BYTES, field="body")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidRequest(f"The form cannot be read: {error}.", field="body") from error
    fields: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        _check_pair(name, value, fields)
        if name.endswith("[]"):
            lists.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return ReceivedForm(fields=fields, lists=lists, files={})


def _check_pair(name: str, value: str, fields: Mapping[str, str]) -> None:
    if "\0" in name or "\0" in value:
        raise InvalidRequest(f"`{name[:80]}` contains a NUL character.", field=name[:80])
    if name in fields:
        raise InvalidRequest(f"`{name[:80]}` occurs twice.", field=name[:80])


@asynccontextmanager
async def receive_upload(
    request: Request, *, staging: Path, max_bytes: int
) -> AsyncIterator[ReceivedUpload]:
    """Receive a ``multipart/form-data`` body with one field ``file``.

    Like `receive_form`; the file is required and must not be empty.
    """
    async with receive_form(
        request, staging=staging, files={FILE_FIELD}, max_bytes=max_bytes
    ) as form:
        if FILE_FIELD in form.fields:
            raise InvalidRequest(f"`{FILE_FIELD}` must be a file.", field=FILE_FIELD)
        if FILE_FIELD not in form.files:
            raise InvalidRequest(f"The form has no `{FILE_FIELD}`.", field=FILE_FIELD)
        file = form.files[FILE_FIELD]
        if file.size == 0:
            raise InvalidRequest("The file is empty.", field=FILE_FIELD)
        repeated = next(iter(form.lists), None)
        if repeated is not None:
            raise InvalidRequest(f"There is no field `{repeated[:80]}`.", field=repeated[:80])
        yield ReceivedUpload(
            path=file.path,
            size=file.size,
            sha256=file.sha256,
            filename=file.filename,
            fields=form.fields,
        )


async def _receive(
    request: Request, writer: MultipartWriter, *, staging: Path, max_bytes: int
) -> None:
    await to_thread.run_sync(_check_length, request, staging, max_bytes)
    received = 0
    async for chunk in _large_chunks(request):
        received += len(chunk)
        if received > max_bytes + _ENVELOPE:
            raise too_large(max_bytes, field=FILE_FIELD)
        await to_thread.run_sync(writer.write, chunk)


def _check_length(request: Request, staging: Path, max_bytes: int) -> None:
    """Raise PayloadTooLarge or OutOfDisk if the declared length is too large."""
    length = int(request.headers.get("content-length", 0))
    if length > max_bytes + _ENVELOPE:
        raise too_large(max_bytes, field=FILE_FIELD)
    with disk_errors(DISK_FULL):
        staging.mkdir(parents=True, exist_ok=True)
    if length > shutil.disk_usage(staging).free:
        raise OutOfDisk(DISK_FULL)


async def _large_chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield the body in chunks large enough to be worth a thread switch."""
    received: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        received.append(chunk)
        size += len(chunk)
        if size >= _WRITE_BYTES:
            yield b"".join(received)
            received, size = [], 0
    yield b"".join(received)
