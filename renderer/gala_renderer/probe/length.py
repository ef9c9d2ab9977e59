"""Measures how long a file is where its container does not store it, or only estimates it.

Packets are read, not decoded: less than a second for an hour of MP3 or AAC. Runs inside
:mod:`gala_renderer.probe.program`, so it must start fast and import little.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from av import time_base
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

_ESTIMATED: Final = frozenset({"aac", "amr", "apng", "gif"})
"""Formats without a stored length: FFmpeg divides the size by the bit rate of the first packets, or
ignores the delay of the last frame."""
_FROM_LAST_PACKETS: Final = frozenset({"flv", "mpegts", "mpeg"})
"""FFmpeg takes their length from the last time stamps, or from the bit rate if it finds none; in
FLV, from a field that recorders often leave wrong."""
_RESTARTING: Final = frozenset({"mpegts", "mpeg", "ogg"})
"""Formats whose clock may start again within the file; FFmpeg then goes on from the last packet."""
_LENGTH_OF_FILE: Final = frozenset({"asf", "matroska"})
"""Formats that store the length of the file, but not of each stream."""
_BYTES_READ: Final = 1 << 30
"""Larger ones would take too long to read; what the container says is used."""
_AVI_FRAMES_UNKNOWN: Final = 1 << 30
"""An AVI that was written to a pipe claims this number of frames."""

_CLOCK_BACK: Final = -0.1
_CLOCK_AHEAD: Final = 10.0
"""Seconds between two packets from which the clock has started again, as in FFmpeg."""

_ID3_HEADER: Final = 10
_MP3_HEAD: Final = 2048
_MP3_TAGS: Final = 4096
"""Bytes of tags at the end of an MP3 that do not count as more sound."""
_CHUNK: Final = 1 << 20
_OGG_PAGE: Final = b"OggS\x00"
_OGG_BEGINNING: Final = _OGG_PAGE + b"\x02"
"""Starts the first page of a logical stream; in a file that was not joined, these come first."""


class TooLong(Exception):
    """The file is longer than accepted; it was not read to its end."""


@dataclass(frozen=True, slots=True)
class MeasuredTrack:
    """A stream's length, the number of its packets, and when each is shown; in seconds."""

    seconds: float
    packets: int
    start: float
    """When the first packet is shown."""
    times: array[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The length of a file in seconds, and its streams by their index."""

    seconds: float
    tracks: dict[int, MeasuredTrack]


class _Packet(NamedTuple):
    """A packet's stream, and when it is shown and for how long, in seconds."""

    stream: int
    shown: float
    duration: float


@dataclass(slots=True)
class _Track:
    """The time stamps seen in one stream, in seconds."""

    first: float
    last: float
    end: float
    times: array[float] = field(default_factory=lambda: array("d"))

    @property
    def packets(self) -> int:
        """The number of packets."""
        return len(self.times)

    def add(self, packet: _Packet) -> None:
        """Count a packet."""
        self.times.append(packet.shown)
        self.first = min(self.first, packet.shown)
        self.last = max(self.last, packet.shown)
        self.end = max(self.end, packet.shown + packet.duration)

    def shown_until(self) -> float:
        """Return its end; a last packet of unknown duration lasts as long as the others."""
        if self.end > self.last or self.packets < 2:
            return self.end
        return self.end + (self.last - self.first) / (self.packets - 1)


def can_be_measured(path: Path, demuxer: str, *, seconds: float | None) -> bool:
    """Return True if the file is small enough to read, or if its length is otherwise unknown."""
    return not seconds or demuxer in _ESTIMATED or path.stat().st_size <= _BYTES_READ


def is_estimated(container: InputContainer, demuxer: str, path: Path) -> bool:
    """Return True if the lengths of the streams are missing or only an estimate."""
    if not container.duration or demuxer in _ESTIMATED | _FROM_LAST_PACKETS | _LENGTH_OF_FILE:
        return True
    if demuxer == "mp3":
        return not _stores_mp3_length(path)
    if demuxer == "avi":
        return any(
            stream.frames >= _AVI_FRAMES_UNKNOWN or not stream.duration
            for stream in container.streams
        )
    return demuxer == "ogg" and _is_chained_ogg(path)


def measure(container: InputContainer, demuxer: str, max_seconds: float) -> Measured | None:
    """Read all packets of a container that was just opened; return None if there are none.

    Raises ``TooLong`` as soon as a packet lies beyond ``max_seconds``.
    """
    start = (container.start_time or 0) / time_base
    tracks: dict[int, _Track] = {}
    for packet in _packets(container, restarting=demuxer in _RESTARTING):
        track = tracks.get(packet.stream)
        if track is None:
            track = tracks[packet.stream] = _Track(packet.shown, packet.shown, packet.shown)
        track.add(packet)
        if packet.shown - start > max_seconds:
            raise TooLong
    if not tracks:
        return None
    found = {}
    for index, track in tracks.items():
        # Packets before the start only prepare the decoder: what they contain is dropped.
        first = max(track.first, _start_of(container.streams[index]))
        seconds = _rounded(track.shown_until() - first)
        found[index] = MeasuredTrack(seconds, track.packets, first, track.times)
    end = max(track.shown_until() for track in tracks.values())
    return Measured(_rounded(end - start), found)


def _rounded(seconds: float) -> float:
    # To the microsecond, as FFmpeg has lengths.
    return round(seconds, 6)


def _start_of(stream: Stream) -> float:
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _packets(container: InputContainer, *, restarting: bool) -> Iterator[_Packet]:
    """Yield the packets of sound and pictures."""
    streams = [
        stream
        for stream in (*container.streams.video, *container.streams.audio)
        if not stream.disposition & stream.disposition.attached_pic
    ]
    ticks = {stream.index: float(stream.time_base or 0) for stream in streams}
    clock = _Clock()
    for packet in _until_damaged(container.demux(*streams)):
        shown, decoded = packet.pts, packet.dts
        if shown is None:
            shown = decoded
        if shown is None:
            continue
        index = packet.stream_index
        tick = ticks[index]
        duration = (packet.duration or 0) * tick
        shift = 0.0
        if restarting:
            shift = clock.shift(index, (shown if decoded is None else decoded) * tick, duration)
        yield _Packet(index, shown * tick + shift, duration)


def _until_damaged(packets: Iterator[Packet[Any]]) -> Iterator[Packet[Any]]:
    # A recording that was cut off is as long as what FFmpeg can read of it.
    with suppress(FFmpegError):
        yield from packets


class _Clock:
    """Time stamps that go on where the file's clock starts again."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._next: dict[int, float] = {}

    def shift(self, stream: int, decoded: float, duration: float) -> float:
        """Return the seconds to add to a packet's time stamps."""
        expected = self._next.get(stream)
        if expected is not None:
            jump = decoded + self._offset - expected
            if not _CLOCK_BACK <= jump <= _CLOCK_AHEAD:
                self._offset -= jump
        self._next[stream] = decoded + self._offset + duration
        return self._offset


def _stores_mp3_length(path: Path) -> bool:
    """Return True if the first frame of an MP3 gives its length, and the file is as large."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_ID3_HEADER)
        start = 0
        if head[:3] == b"ID3":
            start = _ID3_HEADER + _id3_size(head[6:])
        file.seek(start)
        head = file.read(_MP3_HEAD)
    stored = _mp3_bytes(head)
    if stored is None:
        return False
    # Files that were joined carry the length of the first one.
    return abs(size - start - stored) <= max(_MP3_TAGS, stored // 100)


def _id3_size(seven_bits_each: bytes) -> int:
    size = 0
    for byte in seven_bits_each:
        size = size << 7 | byte & 0x7F
    return size


def _mp3_bytes(head: bytes) -> int | None:
    """Return the size in bytes that a Xing, Info or VBRI header gives, if it gives a length."""
    for name in (b"Xing", b"Info"):
        at = head.find(name)
        if at >= 0 and len(head) >= at + 16:
            flags = int.from_bytes(head[at + 4 : at + 8], "big")
            return int.from_bytes(head[at + 12 : at + 16], "big") if flags & 3 == 3 else None
    at = head.find(b"VBRI")
    return int.from_bytes(head[at + 10 : at + 14], "big") if at >= 0 else None


def _is_chained_ogg(path: Path) -> bool:
    """Return True if a logical stream begins after other pages, as in files that were joined."""
    others, rest = False, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            at = 0 if others else _first_other_page(text)
            others = at >= 0
            if others and text.find(_OGG_BEGINNING, at) >= 0:
                return True
            rest = chunk[1 - len(_OGG_BEGINNING) :]
    return False


def _first_other_page(text: bytes) -> int:
    """Return the position of the first page that begins no logical stream, or -1."""
    at = text.find(_OGG_PAGE)
    while at >= 0 and text.startswith(_OGG_BEGINNING, at):
        at = text.find(_OGG_PAGE, at + 1)
    return at
