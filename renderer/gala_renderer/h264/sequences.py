"""Sequence parameter sets of H.264, as far as slices depend on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gala_renderer.h264.bits import BitReader, unescaped

START: Final = b"\x00\x00\x00\x01"
SLICE, KEY_SLICE, SEQUENCE, PICTURE = 1, 5, 7, 8
"""Types of NAL units."""
REFERENCE: Final = 2 << 5
"""Of a NAL unit that others refer to: its importance, beside its type."""
PREDICTED: Final = 5
"""The type of slices in pictures that have no others."""
_HIGH: Final = 100


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """A sequence parameter set, of frames that are decoded in the order in which they are seen."""

    number_bits: int
    """Length of ``frame_num``."""
    references: int
    """Frames that a decoder keeps for reference."""
    columns: int
    """Of macroblocks."""
    rows: int

    @classmethod
    def parsed(cls, unit: bytes) -> SequenceSet:
        """Parse a NAL unit. Raise ValueError if the stream is of a kind that is not supported."""
        reader = BitReader(unescaped(unit)[1:])
        high = reader.bits(24) >> 16 >= _HIGH
        reader.unsigned()  # the set's number
        if high:
            supported(reader.unsigned(), 1, "the chroma format")
            reader.unsigned()
            reader.unsigned()
            reader.bits(1)
            supported(reader.bits(1), 0, "the scaling matrices")
        number_bits = reader.unsigned() + 4
        supported(reader.unsigned(), 2, "the type of the picture order count")
        references = reader.unsigned()
        reader.bits(1)
        columns, rows = reader.unsigned() + 1, reader.unsigned() + 1
        supported(reader.bits(1), 1, "interlacing")
        return cls(number_bits, references, columns, rows)

    def number(self, count: int) -> int:
        """Return ``frame_num`` of a frame, counted from the last key frame."""
        return count & ((1 << self.number_bits) - 1)


def supported(value: int, expected: int, what: str) -> None:
    """Raise ValueError if a value of a stream is another one."""
    if value != expected:
        raise ValueError(f"{what} of the H.264 stream is {value}; only {expected} is supported")
