"""Reading and writing H.264 parameter sets."""

from __future__ import annotations

import pytest

from gala_renderer.cutting.h264 import (
    ParameterSets,
    UnsupportedStream,
    as_stored,
    is_idr,
    split_lengths,
)

# What x264 wrote for 320x180 at 30 fps, High.
SPS = bytes.fromhex("6764000dacd941419f9f0110000003001000000303c0f1429960")
PPS = bytes.fromhex("68ebe3cb22c0")
BOX = bytes.fromhex("0164000dffe1001a") + SPS + bytes.fromhex("010006") + PPS + b"\xfd\xf8\xf8\x00"
# The same with id 1: 010 instead of 1 at the start of the payload.
OTHER_SPS = SPS[:4] + bytes((0b01001011,)) + SPS[5:]
OTHER_PPS = bytes((0x68, 0b01001010, 0xE3, 0xCB))


def test_a_box_is_read_and_written_alike() -> None:
    sets = ParameterSets.of_box(BOX)
    assert (sets.profile, sets.level) == (100, 13)
    assert (sets.sps, sets.pps) == ((SPS,), (PPS,))
    assert sets.box() == BOX


def test_another_encoder_gets_a_number_that_is_free() -> None:
    sets = ParameterSets.of_box(BOX)
    assert sets.free_number() == 1
    other = ParameterSets.of_stream(b"\0\0\0\1" + OTHER_SPS + b"\0\0\1" + OTHER_PPS)
    assert sets.joined(other).free_number() == 2


def test_joined_sets_hold_both_and_the_higher_level() -> None:
    other_sps = OTHER_SPS[:3] + bytes((31,)) + OTHER_SPS[4:]
    other = ParameterSets.of_stream(b"\0\0\0\1" + other_sps + b"\0\0\1" + OTHER_PPS)
    joined = ParameterSets.of_box(ParameterSets.of_box(BOX).joined(other).box())
    assert joined.sps == (SPS, other_sps)
    assert joined.pps == (PPS, OTHER_PPS)
    assert joined.level == 31


def test_different_sets_of_one_number_cannot_be_joined() -> None:
    changed = ParameterSets.of_stream(b"\0\0\1" + SPS[:-1] + b"\x61" + b"\0\0\1" + PPS)
    with pytest.raises(UnsupportedStream, match="same number"):
        ParameterSets.of_box(BOX).joined(changed)


def test_an_encoders_packet_is_stored_with_lengths_and_without_parameter_sets() -> None:
    frame = b"\x65\x88\x84\x01"
    packet = b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS + b"\0\0\1" + frame
    stored = as_stored(packet)
    assert stored == b"\0\0\0\4" + frame
    assert is_idr(stored)
    assert not is_idr(b"\0\0\0\2\x41\x9a")


@pytest.mark.parametrize(
    "box", [b"", b"\0\0\1\x67", BOX[:12], BOX[:5], bytes((1, 100, 0, 13, 0xFF, 0xE0, 0))]
)
def test_an_unusual_box_is_told_apart(box: bytes) -> None:
    with pytest.raises(UnsupportedStream):
        ParameterSets.of_box(box)


@pytest.mark.parametrize("packet", [b"\0\0\0\xff\x65", b"\0\0\0\0\x65", b"\0\0\0"])
def test_a_broken_packet_is_told_apart(packet: bytes) -> None:
    with pytest.raises(UnsupportedStream):
        list(split_lengths(packet))
