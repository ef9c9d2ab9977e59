"""H.264 as stored in MP4: parameter sets and NAL units, read and written byte by byte.

A file may carry the parameter sets of several encoders under different ids. This is the standard's
way to mix re-encoded frames with copied ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from mmap import mmap

_IDR, _SPS, _PPS, _DELIMITER = 5, 7, 8, 9
_HIGH_PROFILES = frozenset({100, 110, 122, 144})
_LENGTH_BYTES = 4
_START_CODE = b"\0\0\1"
_SMALLEST_SET = 2
_SPS_NUMBERS = 32
"""x264 accepts ids 0 to 31 and uses the same id for its PPS."""


class UnsupportedStream(Exception):
    """The stream is stored in an unusual way; it can be decoded, but not spliced."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The decoder configuration (the ``avcC`` box)."""

    profile: int
    compatibility: int
    level: int
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @classmethod
    def of_box(cls, box: bytes) -> ParameterSets:
        """Parse an ``avcC`` box. Raise ``UnsupportedStream`` if it is unusual."""
        if len(box) < 7 or box[0] != 1 or box[4] & 3 != _LENGTH_BYTES - 1:
            raise UnsupportedStream("its parameter sets are not stored as is usual in MP4")
        sps, at = _sets(box, 6, box[5] & 31)
        if at >= len(box):
            raise UnsupportedStream("its parameter sets are cut off")
        pps, _ = _sets(box, at + 1, box[at])
        if not sps or not pps:
            raise UnsupportedStream("its parameter sets are among the frames")
        return cls(box[1], box[2], box[3], sps, pps)

    @classmethod
    def of_stream(cls, start: bytes) -> ParameterSets:
        """Parse an encoder's stream header with start codes (Annex B)."""
        units = tuple(split_start_codes(start))
        sps = tuple(unit for unit in units if kind(unit) == _SPS)
        pps = tuple(unit for unit in units if kind(unit) == _PPS)
        if not sps or not pps:
            raise UnsupportedStream("the encoder gave no parameter sets")
        return cls(sps[0][1], sps[0][2], sps[0][3], sps, pps)

    def free_number(self) -> int:
        """Return an unused id. Raise ``UnsupportedStream`` if all ids are taken."""
        taken = {sps_number(unit) for unit in self.sps}
        taken |= {pps_number(unit) for unit in self.pps}
        free = next((number for number in range(_SPS_NUMBERS) if number not in taken), None)
        if free is None:
            raise UnsupportedStream("all ids of its parameter sets are taken")
        return free

    def joined(self, others: ParameterSets) -> ParameterSets:
        """Return both sets, for a stream with frames of both.

        Raise ``UnsupportedStream`` if ids clash.
        """
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
        """Return the content of the ``avcC`` box."""
        start = bytes((1, self.profile, self.compatibility, self.level, 0xFC | (_LENGTH_BYTES - 1)))
        sps = bytes((0xE0 | len(self.sps),)) + _stored(self.sps)
        pps = bytes((len(self.pps),)) + _stored(self.pps)
        # 4:2:0, 8 bits, 8 bits, no extensions.
        more = bytes((0xFD, 0xF8, 0xF8, 0)) if self.profile in _HIGH_PROFILES else b""
        return start + sps + pps + more


def kind(unit: bytes) -> int:
    """Return the type of a NAL unit."""
    return unit[0] & 31


def sps_number(unit: bytes) -> int:
    """Return the id of a sequence parameter set."""
    return _first_number(unit[4:])


def pps_number(unit: bytes) -> int:
    """Return the id of a picture parameter set."""
    return _first_number(unit[1:])


def split_lengths(packet: bytes) -> Iterator[bytes]:
    """Yield the NAL units of an MP4 packet. Raise ``UnsupportedStream`` if it is malformed."""
    at = 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if not 0 < size <= len(packet) - at:
            raise UnsupportedStream("a frame is not stored as is usual in MP4")
        yield packet[at : at + size]
        at += size


def split_start_codes(stream: bytes | mmap) -> Iterator[bytes]:
    """Yield the NAL units of a stream with start codes (Annex B), which may be a mapped file."""
    at = stream.find(_START_CODE)
    while at >= 0:
        start = at + len(_START_CODE)
        at = stream.find(_START_CODE, start)
        # A start code may have more zeros; no unit ends with a zero byte.
        if unit := stream[start : at if at >= 0 else len(stream)].rstrip(b"\0"):
            yield unit


def is_idr(packet: bytes) -> bool:
    """Return True for an IDR frame: no later frame refers to an earlier one."""
    return any(kind(unit) == _IDR for unit in split_lengths(packet))


def as_stored(encoded: bytes) -> bytes:
    """Convert an encoder's packet to MP4 storage, without the parameter sets."""
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
    """Return the unsigned Exp-Golomb number at the start of the payload."""
    clean = payload[:16].replace(b"\0\0\3", b"\0\0")
    bits = "".join(f"{byte:08b}" for byte in clean)
    zeros = len(bits) - len(bits.lstrip("0"))
    if 2 * zeros + 1 > len(bits):
        raise UnsupportedStream("a parameter set cannot be read")
    return int(bits[zeros : 2 * zeros + 1], 2) - 1
