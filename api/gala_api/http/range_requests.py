"""Byte ranges (RFC 9110 §14): the part of an object that a ``Range`` header requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gala_api.http.errors import UnsatisfiableRange
from gala_storage import ByteRange

_SINGLE_RANGE = re.compile(r"bytes=[ \t,]*([0-9]*)-([0-9]*)[ \t,]*", re.IGNORECASE | re.ASCII)
_MAX_DIGITS = 20


def _position(digits: str) -> int:
    # Positions may have any number of digits, and int() rejects thousands of them.
    return int(digits.lstrip("0")[:_MAX_DIGITS] or "0")


def requested_range(fields: Sequence[str], size: int) -> ByteRange | None:
    """Return the part of an object of ``size`` bytes that the ``Range`` fields request.

    None means the whole object: no range, another unit, a malformed one, or several ranges (which
    a server may ignore, and whose multipart response no player reads).
    Raise `UnsatisfiableRange` for a single well-formed range outside of the object.
    """
    match = _SINGLE_RANGE.fullmatch(fields[0].strip()) if len(fields) == 1 else None
    if match is None:
        return None
    first, last = match.groups()
    if first:
        return _from_start(_position(first), _position(last) if last else None, size)
    return _from_end(_position(last), size) if last else None


def _from_start(start: int, last: int | None, size: int) -> ByteRange | None:
    if last is not None and last < start:
        return None
    if start >= size:
        raise UnsatisfiableRange(size)
    return ByteRange(start, size - 1 if last is None else min(last, size - 1))


def _from_end(length: int, size: int) -> ByteRange | None:
    if length == 0:
        raise UnsatisfiableRange(size)
    # The last bytes of an empty object are all of it, which Content-Range cannot express.
    return ByteRange(max(size - length, 0), size - 1) if size else None
