"""H.264 as MP4 stores it: parameter sets and units, read and written byte by byte.

A file may carry the parameter sets of several encoders under different numbers; that is how frames
encoded anew stand among copied ones in a way that the standard provides for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

_IDR, _SPS, _PPS, _DELIMITER = 5, 7, 8, 9
_HIGH_PROFILES = frozenset({100, 110, 122, 144})
_LENGTH_BYTES = 4
_SMALLEST_SET = 2
_SPS_NUMBERS = 32
"""x264 takes 0 to 31, and gives its PPS the same number."""


class UnsupportedStream(Exception):
    """The stream is not stored as most are; it can be decoded, but not spliced."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first frame (the ``avcC`` box)."""

    profile: int
    compatibility: int
    level: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @classmethod
    def of_box(cls, box: bytes) -> ParameterSets:
        """Read an ``avcC`` box. Raises ``UnsupportedStream``."""
        if len(box) < 7 or box[0] != 1 or box[4] & 3 != _LENGTH_BYTES - 1:
            raise UnsupportedStream("its parameter sets are not stored as MP4 usually does")
        sps, at = _sets(box, 6, box[5] & 31)
        if at >= len(box):
            raise UnsupportedStream("its parameter sets are cut off")
        pps, _ = _sets(box, at + 1, box[at])
        if not sps or not pps:
            raise UnsupportedStream("its parameter sets are among the frames")
        return cls(box[1], box[2], box[3], sps, pps)

    @classmethod
    def of_stream(cls, start: bytes) -> ParameterSets:
        """Read what an encoder puts before its first frame, with start codes (Annex B)."""
        units = tuple(split_start_codes(start))
        sps = tuple(unit for unit in units if kind(unit) == _SPS)
        pps = tuple(unit for unit in units if kind(unit) == _PPS)
        if not sps or not pps:
            raise UnsupportedStream("the encoder told no parameter sets")
        return cls(sps[0][1], sps[0][2], sps[0][3], sps, pps)

    def free_number(self) -> int:
        """A number that none of these sets has, for another encoder's. Raises ``UnsupportedStream``."""
        taken = {sps_number(unit) for unit in self.sps}
        taken |= {pps_number(unit) for unit in self.pps}
        free = next((number for number in range(_SPS_NUMBERS) if number not in taken), None)
        if free is None:
            raise UnsupportedStream("all its numbers of parameter sets are taken")
        return free

    def joined(self, others: ParameterSets) -> ParameterSets:
        """Both, for a stream that has frames of both. Raises ``UnsupportedStream`` if numbers clash."""
        sps = _united(self.sps, others.sps, sps_number)
        pps = _united(self.pps, others.pps, pps_number)
        return replace(
            self,
            profile=max(self.profile, others.profile),
            compatibility=self.compatibility & others.compatibility,
            level=max(self.level, others.level),
            sps=sps,
            pps=pps,
        )

    def box(self) -> bytes:
        """The ``avcC`` box's content."""
        start = bytes((1, self.profile, self.compatibility, self.level, 0xFC | (_LENGTH_BYTES - 1)))
        sps = bytes((0xE0 | len(self.sps),)) + _stored(self.sps)
        pps = bytes((len(self.pps),)) + _stored(self.pps)
        # 4:2:0, 8 bits, 8 bits, no extensions.
        more = bytes((0xFD, 0xF8, 0xF8, 0)) if self.profile in _HIGH_PROFILES else b""
        return start + sps + pps + more


def kind(unit: bytes) -> int:
    """The type of a unit."""
    return unit[0] & 31


def sps_number(unit: bytes) -> int:
    """The number of a sequence parameter set."""
    return _first_number(unit[4:])


def pps_number(unit: bytes) -> int:
    """The number of a picture parameter set."""
    return _first_number(unit[1:])


def split_lengths(packet: bytes) -> Iterator[bytes]:
    """The units of a packet as MP4 has it. Raises ``UnsupportedStream``."""
    at = 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if not 0 < size <= len(packet) - at:
            raise UnsupportedStream("a frame is not stored as MP4 does")
        yield packet[at : at + size]
        at += size


def split_start_codes(stream: bytes) -> Iterator[bytes]:
    """The units of a stream as encoders write it (Annex B)."""
    for part in stream.split(b"\0\0\1")[1:]:
        # A start code may be longer; no unit ends with a zero byte.
        if unit := part.rstrip(b"\0"):
            yield unit


def is_idr(packet: bytes) -> bool:
    """Whether the decoder starts afresh here: nothing after it needs anything before it."""
    return any(kind(unit) == _IDR for unit in split_lengths(packet))


def as_stored(encoded: bytes) -> bytes:
    """An encoder's packet as MP4 stores it; the parameter sets have their own place."""
    units = split_start_codes(encoded)
    return _stored_long([unit for unit in units if kind(unit) not in (_SPS, _PPS, _DELIMITER)])


def _sets(box: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    found = []
    for _ in range(count):
        size = int.from_bytes(box[at : at + 2], "big")
        unit = box[at + 2 : at + 2 + size]
        if len(unit) != size or size < _SMALLEST_SET:
            raise UnsupportedStream("its parameter sets are cut off")
        found.append(unit)
        at += 2 + size
    return tuple(found), at


def _stored(units: Sequence[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


def _stored_long(units: Sequence[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(_LENGTH_BYTES, "big") + unit for unit in units)


def _united(
    ours: tuple[bytes, ...], theirs: tuple[bytes, ...], number: Callable[[bytes], int]
) -> tuple[bytes, ...]:
    new = tuple(unit for unit in theirs if unit not in ours)
    if {number(unit) for unit in ours} & {number(unit) for unit in new}:
        raise UnsupportedStream("different parameter sets have the same number")
    return ours + new


def _first_number(payload: bytes) -> int:
    """The unsigned Exp-Golomb number that it starts with."""
    clean = payload[:16].replace(b"\0\0\3", b"\0\0")
    bits = "".join(f"{byte:08b}" for byte in clean)
    zeros = len(bits) - len(bits.lstrip("0"))
    if 2 * zeros + 1 > len(bits):
        raise UnsupportedStream("a parameter set cannot be read")
    return int(bits[zeros : 2 * zeros + 1], 2) - 1
