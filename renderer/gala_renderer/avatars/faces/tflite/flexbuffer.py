"""Reading of FlexBuffers, in which custom operators keep their options: maps of numbers and lists.

The format is described in FlatBuffers' page "FlexBuffers". It is read from its end: the last byte
is the width of the root value, the byte before is its type.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, TypeAlias

from gala_renderer.avatars.faces.tflite.flatbuffer import MalformedModel

Value: TypeAlias = int | float | tuple[int | float, ...]

_MAP: Final = 9
_SCALARS: Final = {1: "bhiq", 2: "BHIQ", 3: "  fd", 26: "BHIQ"}
"""Format characters of ``struct`` by width; the types are int, uint, float and bool."""
_INDIRECT: Final = {6: 1, 7: 2, 8: 3}
_VECTORS: Final = {11: 1, 12: 2, 13: 3, 36: 26}
_FIXED_VECTORS: Final = {
    16 + 3 * more + kind: (kind + 1, more + 2) for more in range(3) for kind in range(3)
}
_UNTYPED: Final = 10


def options(data: bytes) -> Mapping[str, Value]:
    """Return the map that a buffer holds; empty for an empty buffer."""
    if not data:
        return {}
    try:
        return _root(data)
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise MalformedModel(f"the options of an operator cannot be read: {error}") from error


def _root(data: bytes) -> Mapping[str, Value]:
    width, kind = data[-1], data[-2] >> 2
    if kind != _MAP:
        raise MalformedModel("the options of an operator are no map")
    values = _target(data, len(data) - 2 - width, width)
    inner = 1 << (data[-2] & 3)
    keys = _target(data, values - 3 * inner, inner)
    key_width = _unsigned(data, values - 2 * inner, inner)
    types = values + _length(data, values, inner) * inner
    return {
        _key(data, _target(data, keys + index * key_width, key_width)): _value(
            data, values + index * inner, inner, data[types + index]
        )
        for index in range(_length(data, values, inner))
    }


def _value(data: bytes, at: int, width: int, packed: int) -> Value:
    kind, inner = packed >> 2, 1 << (packed & 3)
    if kind in _SCALARS:
        return _scalar(data, at, width, kind)
    at = _target(data, at, width)
    if kind in _INDIRECT:
        return _scalar(data, at, inner, _INDIRECT[kind])
    if kind in _VECTORS:
        kinds = [_VECTORS[kind]] * _length(data, at, inner)
    elif kind in _FIXED_VECTORS:
        scalar, length = _FIXED_VECTORS[kind]
        kinds = [scalar] * length
    elif kind == _UNTYPED:
        length = _length(data, at, inner)
        kinds = [packed >> 2 for packed in data[at + length * inner :][:length]]
    else:
        raise ValueError(f"unknown type {kind}")
    return tuple(_scalar(data, at + index * inner, inner, it) for index, it in enumerate(kinds))


def _scalar(data: bytes, at: int, width: int, kind: int) -> int | float:
    value: int | float = _unpack(_SCALARS[kind][width.bit_length() - 1], data, at)
    return value


def _unsigned(data: bytes, at: int, width: int) -> int:
    return int(_unpack("BHIQ"[width.bit_length() - 1], data, at))


def _unpack(kind: str, data: bytes, at: int) -> int | float:
    if at < 0:
        raise ValueError("an offset points outside of the options")
    value: int | float = struct.unpack_from(f"<{kind}", data, at)[0]
    return value


def _target(data: bytes, at: int, width: int) -> int:
    return at - _unsigned(data, at, width)


def _length(data: bytes, vector: int, width: int) -> int:
    length = _unsigned(data, vector - width, width)
    if length > len(data):
        raise ValueError("a vector is longer than the options")
    return length


def _key(data: bytes, at: int) -> str:
    if at < 0:
        raise ValueError("a name lies outside of the options")
    return data[at : data.index(0, at)].decode()
