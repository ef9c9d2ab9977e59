"""Parse a multipart form as it arrives, and write its files to disk.

Nothing here is asynchronous: one thread at a time writes, and no file is ever whole in memory.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gala.errors import InvalidRequest, PayloadTooLarge
from gala.files import disk_errors
from gala.uploads import create_upload
from gala_api.http.filenames import clean_filename

if TYPE_CHECKING:
    from hashlib import _Hash

    from python_multipart.multipart import MultipartCallbacks

MAX_FIELDS: Final = 64
MAX_FIELD_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 8
MAX_HEADER_BYTES: Final = 4 * 1024

# .NET and PowerShell send names beyond ASCII so; their plain `filename` is encoded as in e-mail.
_EXTENDED_FILENAME: Final = re.compile(rb";\s*filename\*\s*=\s*utf-8''([^;\s]+)", re.IGNORECASE)

DISK_FULL: Final = "There is not enough disk space left on this server for the upload."


@contextmanager
def _parser_errors() -> Iterator[None]:
    try:
        yield
    except FormParserError as error:
        raise InvalidRequest(f"The multipart body is malformed: {error}.") from error


@dataclass(slots=True)
class _Part:
    """One part of the form: the headers received so far, then the value if it is not a file."""

    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    disposition: bytes = b""
    name: str = ""
    is_file: bool = False
    value: bytearray = field(default_factory=bytearray)


class FileSink:
    """A private temporary file that computes its size and checksum; `discard` removes it.

    It stays open until then, because the open file holds the lock on the upload.
    """

    def __init__(self, folder: Path, filename: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.filename = filename
        descriptor, self.path = create_upload(folder)
        self.size = 0
        self.sha256: _Hash = hashlib.sha256()
        self._file: IO[bytes] = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, data: memoryview) -> None:
        self.sha256.update(data)
        self.size += len(data)
        while data:
            data = data[self._file.write(data) :]

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class MultipartWriter:
    """Parses a form chunk by chunk; fields are kept in memory, files written to disk."""

    def __init__(
        self, content_type: str | None, *, folder: Path, files: Collection[str], max_bytes: int
    ) -> None:
        """Fields named in ``files`` are written to ``folder``, at most ``max_bytes`` in all.

        Raise `InvalidRequest` if ``content_type`` is not that of a multipart form.
        """
        self.fields: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        """Fields whose names end in ``[]``, which may occur several times."""
        self.sinks: dict[str, FileSink] = {}
        self._folder = folder
        self._files = files
        self._max_bytes = max_bytes
        self._stored = 0
        self._part = _Part()
        self._parts = 0
        self._ended = False
        self._parser = self._new_parser(_boundary(content_type))

    def write(self, data: bytes) -> None:
        """Parse the next chunk of the form.

        Raise `InvalidRequest`, `PayloadTooLarge` or `OutOfDisk`.
        """
        with _parser_errors(), disk_errors(DISK_FULL):
            self._parser.write(data)

    def finish(self) -> None:
        """Raise `InvalidRequest` if the form is incomplete."""
        if not self._ended:
            raise InvalidRequest("The multipart body ends before its closing boundary.")

    def discard(self) -> None:
        """Delete the files, complete or not."""
        for sink in self.sinks.values():
            sink.discard()

    def _new_parser(self, boundary: bytes) -> MultipartParser:
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        with _parser_errors():
            return MultipartParser(
                boundary,
                callbacks,
                max_header_count=MAX_HEADERS,
                max_header_size=MAX_HEADER_BYTES,
            )

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise InvalidRequest(f"The form has more than {MAX_FIELDS} fields.")
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += data[start:end]

    def _end_header(self) -> None:
        part = self._part
        if part.header_name.lower() == b"content-disposition":
            part.disposition = bytes(part.header_value)
        part.header_name.clear()
        part.header_value.clear()

    def _end_headers(self) -> None:
        kind, options = parse_options_header(self._part.disposition)
        name = _text(options.get(b"name", b""), "A field's name")
        if kind != b"form-data" or not name:
            raise InvalidRequest("A part of the form has no name.")
        filename = _filename(self._part.disposition, options)
        self._part.name = name
        self._part.is_file = filename is not None
        if filename is not None:
            self._begin_file(name, filename)
        elif name in self.fields:
            raise InvalidRequest(f"`{name}` occurs twice.", field=name)

    def _begin_file(self, name: str, filename: str) -> None:
        if name not in self._files:
            allowed = ", ".join(f"`{one}`" for one in self._files) or "no field"
            raise InvalidRequest(f"A file is only accepted as {allowed}.", field=name)
        if name in self.sinks:
            raise InvalidRequest(f"`{name}` occurs twice.", field=name)
        self.sinks[name] = FileSink(self._folder, clean_filename(filename))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._stored += end - start
            if self._stored > self._max_bytes:
                raise too_large(self._max_bytes, field=self._part.name)
            self.sinks[self._part.name].write(memoryview(data)[start:end])
            return
        self._part.value += data[start:end]
        if len(self._part.value) > MAX_FIELD_BYTES:
            raise InvalidRequest(
                f"`{self._part.name}` is longer than {MAX_FIELD_BYTES} bytes.",
                field=self._part.name,
            )

    def _end_part(self) -> None:
        if self._part.is_file:
            return
        name = self._part.name
        value = _text(bytes(self._part.value), f"`{name}`", field=name)
        if name.endswith("[]"):
            self.lists.setdefault(name, []).append(value)
        else:
            self.fields[name] = value

    def _end(self) -> None:
        self._ended = True


def _filename(disposition: bytes, options: Mapping[bytes, bytes]) -> str | None:
    """Return the name of a part's file, or None if the part is no file."""
    extended = _EXTENDED_FILENAME.search(disposition)
    if extended is not None:
        return unquote_to_bytes(extended[1]).decode("utf-8", "replace")
    plain = options.get(b"filename")
    return None if plain is None else plain.decode("utf-8", "replace")


def _boundary(content_type: str | None) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise InvalidRequest("Send the form as multipart/form-data.", field="body")
    boundary = options.get(b"boundary")
    if not boundary:
        raise InvalidRequest("The Content-Type has no multipart boundary.", field="body")
    return boundary


def too_large(max_bytes: int, *, field: str | None = None) -> PayloadTooLarge:
    """Return the error for files above the limit."""
    return PayloadTooLarge(
        f"The file is larger than the {max_bytes} bytes that this server accepts.",
        field=field,
        max_bytes=max_bytes,
    )


def _text(value: bytes, what: str, *, field: str | None = None) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{what} is not valid UTF-8.", field=field) from error
    if "\0" in text:
        raise InvalidRequest(f"{what} contains a NUL character.", field=field)
    return text
