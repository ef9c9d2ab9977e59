"""Frames that repeat the one before, in H.264 streams whose encoder got each frame only once.

Such a frame is a slice in which every macroblock is skipped: a dozen bytes that x264 would search a
whole frame for. Players get a stream of constant frame rate that any decoder plays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

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

ENCODER: Final = "bframes=0:ref=1:weightp=0:cabac=0"
"""Parameters of x264: frames in display order, each predicted from the one before."""


def _parsed(unit: bytes) -> SequenceSet:
    sequence = SequenceSet.parsed(unit)
    supported(sequence.references, 1, "the number of reference frames")
    return sequence


def _deblocking_flag(unit: bytes) -> int:
    """Return whether slices tell how they are deblocked, of a picture parameter set."""
    reader = BitReader(unescaped(unit)[1:])
    reader.unsigned()
    reader.unsigned()
    supported(reader.bits(1), 0, "arithmetic coding")
    reader.bits(1)
    supported(reader.unsigned(), 0, "the slice groups")
    reader.unsigned()
    reader.unsigned()
    supported(reader.bits(1), 0, "weighted prediction")
    reader.bits(2)
    for _ in range(3):
        reader.unsigned()
    return reader.bits(1)


def with_repeats(stream: bytes, times: Sequence[int], frames: int) -> bytes:
    """Return the stream in which each frame is shown until the next one.

    ``times`` are the numbers of the frames, increasing, among ``frames`` in all; the first is 0.
    The stream is in the byte format (Annex B) and was encoded with ``ENCODER``. Raise ValueError if
    it was not, or if it has another number of frames.
    """
    if not times or times[0] != 0 or any(b <= a for a, b in pairwise(times)) or times[-1] >= frames:
        raise ValueError("the times of frames must increase from 0 to the last frame")
    return b"".join(START + unit for unit in _units(stream, [*times, frames]))


def _units(stream: bytes, edges: Sequence[int]) -> Iterator[bytes]:
    sequence, deblocking, frame, number = None, 0, -1, 0
    for unit in split_start_codes(stream):
        if kind(unit) == SEQUENCE:
            sequence = _parsed(unit)
        elif kind(unit) == PICTURE:
            deblocking = _deblocking_flag(unit)
        if kind(unit) not in {SLICE, KEY_SLICE}:
            yield unit
            continue
        if sequence is None:
            raise ValueError("the H.264 stream has a slice before its parameter sets")
        frame += 1
        if frame + 1 >= len(edges):
            raise ValueError("the H.264 stream has more frames than times")
        number = 0 if kind(unit) == KEY_SLICE else number + 1
        yield _numbered(unit, number, sequence)
        for _ in range(edges[frame + 1] - edges[frame] - 1):
            number += 1
            yield _repeat(number, sequence, deblocking)
    if frame + 2 != len(edges):
        raise ValueError("the H.264 stream has fewer frames than times")


def _numbered(unit: bytes, number: int, sequence: SequenceSet) -> bytes:
    """Return a slice with another ``frame_num``."""
    plain = unescaped(unit)
    reader = BitReader(plain[1:24])
    supported(reader.unsigned(), 0, "the first macroblock of a picture's only slice")
    reader.unsigned()
    reader.unsigned()
    head = int.from_bytes(plain[1:24])
    shift = 8 * len(plain[1:24]) - reader.position - sequence.number_bits
    mask = (1 << sequence.number_bits) - 1
    head = head & ~(mask << shift) | sequence.number(number) << shift
    return escaped(plain[:1] + head.to_bytes(len(plain[1:24])) + plain[24:])


def _repeat(number: int, sequence: SequenceSet, deblocking: int) -> bytes:
    """Return a slice that repeats the frame before, and is the reference of the next one."""
    writer = BitWriter()
    writer.unsigned(0)  # the first macroblock
    writer.unsigned(PREDICTED)
    writer.unsigned(0)  # the picture parameter set
    writer.bits(sequence.number(number), sequence.number_bits)
    writer.bits(0, 3)  # the references and their order are the usual ones, before and after
    writer.unsigned(0)  # the quantiser
    if deblocking:
        writer.unsigned(1)
    writer.unsigned(sequence.columns * sequence.rows)  # all skipped
    return escaped(bytes([REFERENCE | SLICE]) + writer.payload())
