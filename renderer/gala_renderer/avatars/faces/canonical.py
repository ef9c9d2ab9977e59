"""MediaPipe's canonical face: a mean face in centimetres that looks at the viewer."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.avatars.faces import points as named
from gala_renderer.avatars.faces.mesh import with_estimated_irises
from gala_renderer.avatars.faces.tflite import MalformedModel

_MESH: Final = 1
_VERTICES: Final = 3
_PER_VERTEX: Final = 5
"""Right, up, forward, and two coordinates of a texture."""
_BYTES, _FLOAT = 2, 5


def canonical_face(path: Path) -> NDArray[np.float32]:
    """Return the points [478, 3] of the canonical face: right, down and away, in centimetres.

    ``path`` is ``geometry_pipeline_metadata_landmarks.binarypb``, a message of Protocol Buffers.
    Raise MalformedModel for other files.
    """
    try:
        mesh = next(value for field, _, value in _fields(path.read_bytes()) if field == _MESH)
        values = [
            number[0]
            for field, kind, value in _fields(mesh)
            if (field, kind) == (_VERTICES, _FLOAT)
            for number in struct.iter_unpack("<f", value)
        ]
        vertices = np.array(values, np.float32).reshape(named.MESH_COUNT, _PER_VERTEX)
    except (StopIteration, struct.error, ValueError, IndexError) as error:
        raise MalformedModel(f"{path} has no canonical face") from error
    points = np.zeros((named.COUNT, 3), np.float32)
    points[: named.MESH_COUNT] = vertices[:, :3] * np.array((1, -1, -1), np.float32)
    return with_estimated_irises(points)


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, wire type and content of each field of a message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        length = 0
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind == _FLOAT:
            length = 4
        elif kind == 0:
            _, at = _varint(message, at)
        else:
            raise ValueError(f"unknown wire type {kind}")
        yield key >> 3, kind, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
