"""Declare another output of an ONNX model, without a library for ONNX files.

The bytes of a protobuf message followed by those of a second message of its type are the two
merged, with repeated fields appended (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
A file that is followed by a model with nothing but one graph output is that file with one more
output. It may have no type: ONNX Runtime infers it.
"""

from __future__ import annotations

from typing import Final

# The numbers of the fields in onnx.proto, which never change.
_MODEL_GRAPH: Final = 7
_GRAPH_OUTPUT: Final = 12
_VALUE_NAME: Final = 1
_LENGTH_DELIMITED: Final = 2


def with_output(model: bytes, tensor: str) -> bytes:
    """Return the model with the tensor of that name, which a node of its graph makes, as its last
    output."""
    value = _field(_VALUE_NAME, tensor.encode())
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, value))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
