"""One source of a splice: its stored frames and its decoded frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gala_renderer.cutting.gop_split import Copied, CutPart, Encoded, Sample, cut_parts, reordering
from gala_renderer.cutting.h264 import ParameterSets, UnsupportedStream, is_idr
from gala_renderer.cutting.splice_request import Clip, SpliceRequest

_STREAMS_MAX = 64
_REORDERED_AT_MOST = 16
"""H.264's limit on reordered frames."""
_MARGIN = 2 * _REORDERED_AT_MOST
_OFF_GRID = Fraction(1, 4)
"""The greatest deviation from a constant frame rate, in frames."""
_PIXELS = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive frames of a source, and how each part of them is produced."""

    samples: tuple[Sample, ...]
    times: tuple[int, ...]
    """The time stamps of the samples, used to find them again."""
    parts: tuple[CutPart, ...]

    @property
    def delay(self) -> int:
        """The number of frames by which decoding must precede display."""
        return reordering(self.samples, self.parts)


class Source:
    """An open file. Methods raise ``UnsupportedStream`` for streams that need re-encoding."""

    def __init__(self, clip: Clip, request: SpliceRequest):
        options = {"format_whitelist": request.demuxers, "protocol_whitelist": "file"}
        # One set of options per stream, as PyAV's documentation says; its annotation is wrong.
        per_stream: list[Any] = [{"max_pixels": str(request.max_pixels)}] * _STREAMS_MAX
        self.container = av.open(
            clip.path, format=clip.demuxer, options=options, stream_options=per_stream
        )
        self._rate = request.rate
        self.stream = _video_stream(self.container.streams.video, clip.video)
        context = self.stream.codec_context
        if context.name != "h264" or context.pix_fmt not in _PIXELS:
            raise UnsupportedStream("it is not H.264 with 8 bits and 4:2:0")
        context.options = {"max_pixels": str(request.max_pixels)}
        context.thread_type = "AUTO"
        context.thread_count = request.threads
        self.box = context.extradata or b""
        self.sets = ParameterSets.of_box(self.box)
        if self.stream.time_base is None:
            raise UnsupportedStream("its frames have no time stamps")
        self._base = self.stream.time_base
        self._origin = self.stream.start_time or 0

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def time_of(self, number: int) -> Fraction:
        """Return the display time of a frame, in seconds on the file's clock."""
        return self._origin * self._base + number / self._rate

    def stretch(self, first: int, last: int) -> Stretch:
        """Read the stored frames ``first`` to ``last`` and decide how to produce them."""
        samples: list[Sample] = []
        times: list[int] = []
        for packet in self._packets_from(first - _MARGIN):
            if packet.pts is None or packet.is_discard or packet.is_corrupt:
                raise UnsupportedStream(
                    "some of its frames have no time stamps, or are not for display"
                )
            sample = self._sample(packet)
            if (sample.idr and sample.shown > last) or sample.shown > last + _REORDERED_AT_MOST:
                break
            samples.append(sample)
            times.append(packet.pts)
        _check(samples, first, last)
        return Stretch(tuple(samples), tuple(times), cut_parts(samples, first, last))

    def copied(self, stretch: Stretch, part: Copied) -> Iterator[Packet[Any]]:
        """Yield the packets of a copied part, unchanged, in decoding order."""
        first_time = stretch.times[part.start]
        remaining = part.frames
        for packet in self._packets_from(part.first - _MARGIN):
            if remaining == part.frames and packet.pts != first_time:
                continue
            yield packet
            remaining -= 1
            if not remaining:
                return
        raise UnsupportedStream("its frames could not be read again")

    def decoded(self, stretch: Stretch, part: Encoded) -> Iterator[VideoFrame]:
        """Yield the frames of a re-encoded part in display order."""
        begin = stretch.times[part.decode_from]
        self.stream.codec_context.flush_buffers()
        expected = part.first
        for frame in self._frames(begin, stretch.samples[part.decode_from].shown):
            if frame.pts is None or frame.is_corrupt or frame.interlaced_frame:
                raise UnsupportedStream("it is interlaced or damaged")
            number = self._number(frame.pts)
            if number < expected:
                continue
            if number != expected:
                raise UnsupportedStream("a frame cannot be decoded")
            yield frame
            if expected == part.last:
                return
            expected += 1
        raise UnsupportedStream("a frame cannot be decoded")

    def _frames(self, begin: int, shown: int) -> Iterator[VideoFrame]:
        started = False
        for packet in self._packets_from(shown - _MARGIN):
            started = started or packet.pts == begin
            if started:
                yield from packet.decode()
        yield from self.stream.codec_context.decode(None)

    def _packets_from(self, number: int) -> Iterator[Packet[Any]]:
        """Yield all stored frames from a key frame at or before frame ``number``."""
        at = self._origin + round(max(0, number) / self._rate / self._base)
        # The first frame may be preceded by its own delay.
        before = at if number > 0 else min(0, self._origin) - round(1 / self._base)
        self.container.seek(before, stream=self.stream, backward=True)
        for packet in self.container.demux(self.stream):
            if packet.size:
                yield packet

    def _sample(self, packet: Packet[Any]) -> Sample:
        shown = self._number(packet.pts or 0)
        idr = packet.is_keyframe and is_idr(bytes(packet))
        return Sample(shown, idr, packet.is_keyframe)

    def _number(self, time: int) -> int:
        exact = (time - self._origin) * self._base * self._rate
        number = round(exact)
        if abs(exact - number) > _OFF_GRID:
            raise UnsupportedStream("its frame rate is not steady")
        return number


def _video_stream(streams: tuple[VideoStream, ...], number: int) -> VideoStream:
    if number >= len(streams):
        raise UnsupportedStream("it has no video")
    return streams[number]


def _check(samples: list[Sample], first: int, last: int) -> None:
    """Raise ``UnsupportedStream`` unless each frame exists once and a key frame precedes them."""
    numbers = [sample.shown for sample in samples if first <= sample.shown <= last]
    if len(numbers) != last - first + 1 or len(set(numbers)) != len(numbers):
        raise UnsupportedStream("its frame rate is not steady")
    if not any(sample.key and sample.shown <= first for sample in samples):
        raise UnsupportedStream("it has no key frame at its start")
