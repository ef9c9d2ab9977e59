"""Detection of streams without a signature, by frames that give their own length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MIN_FRAMES: Final = 3
_TS_PACKETS: Final = 5
_TS_SYNC: Final = 0x47
_RESERVED: Final = 3

# Bit rates in kbit/s by the four bits of the header; 0 is "free format", which is not used.
_V1_LAYER_1: Final = (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_V1_LAYER_2: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_V1_LAYER_3: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_LAYER_1: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_V2_LAYER_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_V1_RATES: Final = {1: _V1_LAYER_1, 2: _V1_LAYER_2, 3: _V1_LAYER_3}
_V2_RATES: Final = {1: _V2_LAYER_1, 2: _V2_LAYER_2, 3: _V2_LAYER_2}
_HERTZ: Final = (44100, 48000, 32000)
# Divisor of the sample rates of MPEG-1 by the version bits; 1 is reserved.
_DIVISOR: Final = {0: 4, 2: 2, 3: 1}


def id3_length(head: bytes) -> int | None:
    """Return the length in bytes of an ID3v2 tag at the start, or None."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in {2, 3, 4}:
        return None
    if any(byte & 0x80 for byte in head[6:10]):
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    has_footer = head[5] & 0x10
    return 10 + size + (10 if has_footer else 0)


def is_mpeg_audio(head: bytes) -> bool:
    """Return True if the data starts with consecutive MPEG audio frames (MP3, MP2)."""
    return _has_frames(head, _mpeg_frame)


def is_adts(head: bytes) -> bool:
    """Return True if the data starts with consecutive AAC frames with ADTS headers."""
    return _has_frames(head, _adts_frame)


def is_transport_stream(head: bytes) -> bool:
    """Return True if the data starts with MPEG-TS packets, plain or with Blu-ray time stamps."""
    return any(
        len(head) > start + packet * (_TS_PACKETS - 1)
        and all(head[start + packet * count] == _TS_SYNC for count in range(_TS_PACKETS))
        for start, packet in ((0, 188), (4, 192))
    )


def _has_frames(head: bytes, frame_length: Callable[[bytes], int]) -> bool:
    at = frames = 0
    while frames < _MIN_FRAMES and (length := frame_length(head[at : at + 7])):
        at += length
        frames += 1
    return frames == _MIN_FRAMES or (frames > 1 and at == len(head))


def _mpeg_frame(header: bytes) -> int:
    """Return the length of the frame that starts here; 0 if none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    divisor, layer = _DIVISOR.get(header[1] >> 3 & 3), 4 - (header[1] >> 1 & 3)
    rate, frequency = header[2] >> 4, header[2] >> 2 & 3
    if divisor is None or layer == 4 or rate == 15 or frequency == _RESERVED:
        return 0
    rates = _V1_RATES if divisor == 1 else _V2_RATES
    bits = rates[layer][rate] * 1000
    hertz = _HERTZ[frequency] // divisor
    padding = header[2] >> 1 & 1
    if bits == 0:
        return 0
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    samples_in_bytes = 72 if layer == 3 and divisor > 1 else 144
    return samples_in_bytes * bits // hertz + padding


def _adts_frame(header: bytes) -> int:
    """Return the length of the frame that starts here; 0 if none does."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    if header[2] >> 2 & 15 > 12:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0
