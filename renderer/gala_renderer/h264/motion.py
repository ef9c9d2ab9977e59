"""Frames that are predicted from a key frame by motion alone, in H.264 without an encoder.

Where a camera moves over a still picture, each frame shows the picture of the key frame elsewhere:
a motion vector for each macroblock says all, and decoders interpolate. Such a frame takes some
thousand bytes that x264 would search a whole frame for.

A key frame is kept as a long-term reference until the next one, and each frame after it refers to
it alone, so that nothing is interpolated twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gala_renderer.cutting.h264 import kind, split_start_codes
from gala_renderer.h264.bits import BitReader, BitWriter, escaped, unescaped
from gala_renderer.h264.sequences import (
    KEY_SLICE,
    PICTURE,
    PREDICTED,
    REFERENCE,
    SEQUENCE,
    SLICE,
    START,
    SequenceSet,
    supported,
)

ENCODER: Final = "bframes=0:ref=2:weightp=0"
"""Parameters of x264 for the key frames: in display order, with room for two reference frames."""
BLOCK: Final = 16
"""Sides of macroblocks in pixels."""
VECTOR_UNITS: Final = 4
"""Of motion vectors in a pixel."""

_OWN_SET: Final = 1
"""The number of the picture parameter set of predicted frames: they have no arithmetic coding."""
_HEAD_BYTES: Final = 23
_SHORT_HEADS: Final = b"\x00" * _HEAD_BYTES

Vectors = NDArray[np.int64]
"""Where the macroblocks of a frame come from in its key frame, in quarters of a pixel to the right
and down: [rows, columns, 2]."""
_Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A key frame, and what the slices of frames that are predicted from it depend on."""

    units: tuple[bytes, ...]
    sequence: SequenceSet


def key_frames(stream: bytes | mmap) -> Iterator[KeyFrame]:
    """Yield the key frames of a stream in the byte format (Annex B), which may be a mapped file.

    It was encoded with ``ENCODER``, each frame as a key frame. Raise ValueError if it was not.
    """
    sequence, units = None, list[bytes]()
    for unit in split_start_codes(stream):
        if kind(unit) == SLICE:
            raise ValueError("the H.264 stream has frames that are no key frames")
        if kind(unit) != KEY_SLICE:
            units.append(unit)
        if kind(unit) == SEQUENCE:
            sequence = SequenceSet.parsed(unit)
            supported(sequence.references, 2, "the number of reference frames")
        elif kind(unit) == PICTURE:
            units.append(_own_picture_set())
        elif kind(unit) == KEY_SLICE:
            if sequence is None:
                raise ValueError("the H.264 stream has a slice before its parameter sets")
            yield KeyFrame((*units, _kept(unit, sequence)), sequence)
            units.clear()


def moved_frames(key: KeyFrame, vectors: Iterable[Vectors]) -> Iterator[bytes]:
    """Yield a key frame and the frames that are predicted from it, in the byte format."""
    for unit in key.units:
        yield START + unit
    for count, motion in enumerate(vectors, 1):
        yield START + _predicted(motion, count, key.sequence)


def _own_picture_set() -> bytes:
    """Return the picture parameter set of predicted frames."""
    writer = BitWriter()
    writer.unsigned(_OWN_SET)
    writer.unsigned(0)  # the sequence parameter set
    writer.bits(0, 2)  # no arithmetic coding; no order of fields
    writer.unsigned(0)  # one slice group
    writer.unsigned(0)
    writer.unsigned(0)  # one reference in each list
    writer.bits(0, 3)  # no weighted prediction
    for _ in range(3):
        writer.unsigned(0)  # the quantisers
    writer.bits(0b100, 3)  # slices tell how they are deblocked
    return escaped(bytes([REFERENCE | PICTURE]) + writer.payload())


def _kept(unit: bytes, sequence: SequenceSet) -> bytes:
    """Return the slice of a key frame that is kept as a long-term reference."""
    plain = unescaped(unit)
    # Zeros behind a very short slice, so that its head can be read as a number.
    head = (plain[1:] + _SHORT_HEADS)[:_HEAD_BYTES]
    reader = BitReader(head)
    supported(reader.unsigned(), 0, "the first macroblock of a picture's only slice")
    reader.unsigned()
    reader.unsigned()
    reader.bits(sequence.number_bits)
    reader.unsigned()
    reader.bits(1)
    flag = 1 << 8 * _HEAD_BYTES - reader.position - 1
    changed = (int.from_bytes(head) | flag).to_bytes(_HEAD_BYTES)
    rest = plain[1 + _HEAD_BYTES :]
    return escaped((plain[:1] + changed + rest)[: len(plain)])


def _predicted(motion: Vectors, count: int, sequence: SequenceSet) -> bytes:
    """Return the slice of the frame that comes so many frames after its key frame."""
    if motion.shape != (sequence.rows, sequence.columns, 2):
        raise ValueError("there is a motion vector for each macroblock")
    writer = BitWriter()
    writer.unsigned(0)  # the first macroblock
    writer.unsigned(PREDICTED)
    writer.unsigned(_OWN_SET)
    writer.bits(sequence.number(count), sequence.number_bits)
    writer.bits(0, 1)  # as many references as the set says
    writer.bits(1, 1)  # the first reference is
    writer.unsigned(2)  # the long-term one
    writer.unsigned(0)
    writer.unsigned(3)
    writer.bits(0, 1)  # the frame before is dropped as usual
    writer.unsigned(0)  # the quantiser
    writer.unsigned(1)  # no deblocking
    bits = np.concatenate([_digits(writer), _macroblocks(motion), np.ones(1, np.uint8)])
    return escaped(bytes([REFERENCE | SLICE]) + np.packbits(bits).tobytes())


def _macroblocks(motion: Vectors) -> _Bits:
    """Return the bits of the macroblocks: how many are skipped, then the next one's vector."""
    expected, skipped = _expected(motion)
    coded = np.flatnonzero((motion != skipped).any(-1))
    runs = np.diff(coded, prepend=-1) - 1
    more = (motion - expected).reshape(-1, 2)[coded]
    signed = np.where(more > 0, 2 * more - 1, -2 * more)
    # One partition for the whole block; after the vector, no coefficients.
    one = np.zeros_like(runs)
    codes = np.stack([runs, one, signed[:, 0], signed[:, 1], one], -1).ravel()
    left = motion.shape[0] * motion.shape[1] - 1 - (int(coded[-1]) if len(coded) else -1)
    return _exp_golomb(np.append(codes, left) if left else codes)


def _expected(motion: Vectors) -> tuple[Vectors, Vectors]:
    """Return the vectors that decoders expect, and those of macroblocks that are skipped.

    ITU-T H.264, 8.4.1.1 and 8.4.1.3: the median of the neighbours on the left, above, and above on
    the right, or above on the left where there is none.
    """
    left, above, beside = np.zeros((3, *motion.shape), np.int64)
    left[:, 1:] = motion[:, :-1]
    above[1:] = motion[:-1]
    beside[1:, :-1] = motion[:-1, 1:]
    # A single column has but the one above, which is the median if it counts twice.
    beside[1:, -1] = motion[:-1, max(motion.shape[1] - 2, 0)]
    low, high = np.minimum(left, above), np.maximum(left, above)
    expected = np.maximum(low, np.minimum(high, beside))
    # In the first row there is only the left one.
    expected[0] = left[0]
    skipped = expected.copy()
    still = ~left.any(-1) | ~above.any(-1)
    still[0], still[:, 0] = True, True
    skipped[still] = 0
    return expected, skipped


def _exp_golomb(values: NDArray[np.int64]) -> _Bits:
    """Return the bits of Exp-Golomb codes, ue(v), one after the other."""
    codes = values + 1
    lengths = 2 * np.frexp(codes.astype(np.float64))[1].astype(np.int64) - 1
    ends = np.cumsum(lengths)
    left = np.repeat(ends, lengths) - 1 - np.arange(int(ends[-1]) if len(ends) else 0)
    found: _Bits = (np.repeat(codes, lengths) >> left & 1).astype(np.uint8)
    return found


def _digits(writer: BitWriter) -> _Bits:
    return np.frombuffer(writer.digits.encode(), np.uint8) - ord("0")
