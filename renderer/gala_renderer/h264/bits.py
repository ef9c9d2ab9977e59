"""Bits of H.264 headers: fixed-length fields and Exp-Golomb codes (ITU-T H.264, 7.2 and 9.1)."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])")


class BitReader:
    """Reads the bits of a payload from the first to the last. Raise ValueError at its end."""

    def __init__(self, payload: bytes):
        self._value = int.from_bytes(payload)
        self._length = 8 * len(payload)
        self.position = 0

    def bits(self, count: int) -> int:
        """Return an unsigned field of so many bits."""
        self.position += count
        if self.position > self._length:
            raise ValueError("the H.264 header is truncated")
        return self._value >> (self._length - self.position) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Return an Exp-Golomb code, ue(v)."""
        zeros = 0
        while not self.bits(1):
            zeros += 1
        return (1 << zeros) - 1 + self.bits(zeros)


class BitWriter:
    """Appends bits."""

    def __init__(self) -> None:
        self._value = 0
        self._length = 0

    def bits(self, value: int, count: int) -> None:
        """Append an unsigned field of so many bits."""
        self._value = self._value << count | value
        self._length += count

    def unsigned(self, value: int) -> None:
        """Append an Exp-Golomb code, ue(v)."""
        length = (value + 1).bit_length()
        self.bits(value + 1, 2 * length - 1)

    @property
    def digits(self) -> str:
        """The bits so far, as zeros and ones."""
        return format(self._value, f"0{self._length}b")

    def payload(self) -> bytes:
        """Return the bits with the trailing bits of a NAL unit."""
        self.bits(1, 1)
        self.bits(0, -self._length % 8)
        return self._value.to_bytes(self._length // 8)


def unescaped(unit: bytes) -> bytes:
    """Return a NAL unit without its emulation prevention bytes."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(unit: bytes) -> bytes:
    """Return a NAL unit in which no start code is found."""
    return _ESCAPED.sub(b"\x00\x00\x03", unit)
