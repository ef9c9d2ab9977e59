"""Reading of FlatBuffers: tables, vectors and strings at offsets of a file.

The format is described in FlatBuffers' "Internals" page. All numbers are little-endian. Every
access is checked against the bounds of the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_SIZE: Final = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "f": 4}


class MalformedModel(ValueError):
    """The file is not a model that this package can run; the message says why."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table at a position of a file; its fields are numbered as in the schema."""

    data: bytes
    position: int

    @classmethod
    def empty(cls) -> Table:
        """Return a table without fields, which have their defaults."""
        return cls(struct.pack("<HHi", 4, 4, 4), 4)

    @classmethod
    def root(cls, data: bytes, identifier: bytes) -> Table:
        """Return the root table of a file. Raise MalformedModel for other kinds of files."""
        if data[4:8] != identifier:
            raise MalformedModel(f"the file is not of the kind {identifier.decode()}")
        return cls(data, read(data, "I", 0))

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """Return an integer field; ``kind`` is a format character of ``struct``."""
        at = self._field(field)
        return default if at is None else read(self.data, kind, at)

    def table(self, field: int) -> Table | None:
        """Return a field that is a table."""
        at = self._target(field)
        return None if at is None else Table(self.data, at)

    def tables(self, field: int) -> list[Table]:
        """Return a field that is a vector of tables."""
        start, length = self._vector(field, 4)
        slots = range(start, start + 4 * length, 4)
        return [Table(self.data, slot + read(self.data, "I", slot)) for slot in slots]

    def numbers(self, field: int, kind: str = "i") -> tuple[int, ...]:
        """Return a field that is a vector of integers."""
        start, length = self._vector(field, _SIZE[kind])
        return struct.unpack_from(f"<{length}{kind}", self.data, start)

    def content(self, field: int) -> memoryview:
        """Return a field that is a vector of bytes, or a string."""
        start, length = self._vector(field, 1)
        return memoryview(self.data)[start : start + length]

    def text(self, field: int) -> str:
        """Return a field that is a string."""
        return bytes(self.content(field)).decode("utf-8", "replace")

    def _field(self, field: int) -> int | None:
        table = self.position - read(self.data, "i", self.position)
        slot = 4 + 2 * field
        if slot + 2 > read(self.data, "H", table):
            return None
        offset = read(self.data, "H", table + slot)
        return self.position + offset if offset else None

    def _target(self, field: int) -> int | None:
        at = self._field(field)
        return None if at is None else at + read(self.data, "I", at)

    def _vector(self, field: int, size: int) -> tuple[int, int]:
        at = self._target(field)
        if at is None:
            return 0, 0
        length = read(self.data, "I", at)
        if at + 4 + length * size > len(self.data):
            raise MalformedModel("a vector ends behind the end of the file")
        return at + 4, length


def read(data: bytes, kind: str, position: int) -> int:
    """Return the integer at a position; ``kind`` is a format character of ``struct``."""
    if not 0 <= position <= len(data) - _SIZE[kind]:
        raise MalformedModel("an offset points outside of the file")
    value: int = struct.unpack_from(f"<{kind}", data, position)[0]
    return value
