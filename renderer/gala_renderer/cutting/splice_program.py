"""Copies frames of H.264 videos into one MP4 file, encoding anew only those around the cuts.

Run as a program of its own through :mod:`gala_renderer.sandbox.runner`, because it decodes bytes that
nobody vouches for: ``python -I splice_program.py <request.json>``, with the end of its input as
the sign that the request's sound file is there; see
:mod:`gala_renderer.cutting.splice_request`. It prints ``{"progress": …}`` as it goes, then ``{"done":
{"encoded": …, "copied": …}}``, counted in frames, or ``{"unsafe": "<why>"}`` if these streams
cannot be spliced such that every player shows them.
"""

from __future__ import annotations

import heapq
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from gala_renderer.cutting.audio_packets import copied_sound, own_sound
from gala_renderer.cutting.gop_split import Copied, Encoded
from gala_renderer.cutting.h264 import UnsupportedStream
from gala_renderer.cutting.reencode import REORDERED, Encoding
from gala_renderer.cutting.splice_request import SpliceRequest
from gala_renderer.cutting.splice_source import Source, Stretch

_LEAST_TICKS = 10_000
"""MP4's clock, ticks a second; the muxer would refine a coarser one."""
_TOLD_EVERY = 0.01
_ENCODING_COSTS = 30
"""What one encoded frame takes, in copied ones."""


class Splicer:
    """Puts one file together."""

    def __init__(self, request: SpliceRequest, files: ExitStack):
        self._request = request
        self._sources = [
            files.enter_context(closing(Source(clip, request))) for clip in request.clips
        ]
        self._stretches: list[tuple[Source, Stretch]] = [
            (source, source.stretch(first, last))
            for clip, source in zip(request.clips, self._sources, strict=True)
            for first, last in clip.frames
        ]
        parts = [part for _, stretch in self._stretches for part in stretch.parts]
        self.encoded = sum(part.frames for part in parts if isinstance(part, Encoded))
        self.copied = sum(part.frames for part in parts if isinstance(part, Copied))
        self._delay = max(stretch.delay for _, stretch in self._stretches)
        one = self._sources[0]
        if any(source.box != one.box for source in self._sources):
            raise UnsupportedStream("the clips were encoded differently")
        self._encoding: Encoding | None = None
        if self.encoded:
            reordered = self._delay > 0
            self._encoding = Encoding(one.stream, one.sets, request, reordered=reordered)
            self._delay = max(self._delay, REORDERED * reordered)

    def write(self, target: OutputContainer) -> None:
        """Everything, interleaved by time."""
        film = self._film(target)
        tracks = [self._pictures(film)]
        if self._request.sound is not None:
            sys.stdin.read()
            tracks.append(own_sound(self._request.sound, target))
        elif self._request.copy_sound:
            tracks.append(self._copied_sound(target))
        for packet in heapq.merge(*tracks, key=_decoded_at):
            target.mux(packet)

    def _film(self, target: OutputContainer) -> VideoStream:
        one = self._sources[0]
        film = target.add_stream_from_template(one.stream)
        sets = one.sets.joined(self._encoding.sets) if self._encoding else one.sets
        film.codec_context.extradata = sets.box()
        film.time_base = self._base
        return film

    @property
    def _ticks(self) -> int:
        """How long a frame lasts on the clock of the target."""
        rate = self._request.rate
        return rate.denominator * -(-_LEAST_TICKS // rate.numerator)

    @property
    def _base(self) -> Fraction:
        return 1 / (self._request.rate * self._ticks)

    def _copied_sound(self, target: OutputContainer) -> Iterator[Packet[Any]]:
        ((first, last),) = self._request.clips[0].frames
        source = self._sources[0]
        begin, end = source.time_of(first), source.time_of(last + 1)
        return copied_sound(self._request.clips[0], self._request, target, begin, end)

    def _pictures(self, film: VideoStream) -> Iterator[Packet[Any]]:
        done, at, told = 0, 0, 0.0
        whole = self.encoded * _ENCODING_COSTS + self.copied
        for source, stretch in self._stretches:
            for part in stretch.parts:
                costs = _ENCODING_COSTS if isinstance(part, Encoded) else 1
                for order, (packet, ahead) in enumerate(self._part(source, stretch, part)):
                    packet.stream, packet.time_base = film, self._base
                    packet.pts = (at + ahead) * self._ticks
                    packet.dts = (at + order - self._delay) * self._ticks
                    packet.duration = self._ticks
                    yield packet
                    done += costs
                    if done / whole >= told + _TOLD_EVERY:
                        told = done / whole
                        _tell("progress", round(told, 4))
                at += part.frames

    def _part(
        self, source: Source, stretch: Stretch, part: Encoded | Copied
    ) -> Iterator[tuple[Packet[Any], int]]:
        """Its packets, each with the place among them at which it is shown."""
        if isinstance(part, Copied):
            for at, packet in enumerate(source.copied(stretch, part), part.start):
                yield packet, stretch.samples[at].shown - part.first
            return
        assert self._encoding is not None  # noqa: S101 - something is encoded, see `__init__`
        yield from self._encoding.packets(source.decoded(stretch, part))


def _decoded_at(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _tell(what: str, value: Any) -> None:
    print(json.dumps({what: value}), flush=True)  # noqa: T201 - whoever runs it reads these lines


def main(request: SpliceRequest) -> None:
    """Carry out a request."""
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    try:
        with ExitStack() as files:
            splicer = Splicer(request, files)
            with av.open(request.target, "w", format="mp4", options=options) as target:
                splicer.write(target)
    except UnsupportedStream as error:
        _tell("unsafe", str(error))
    except (FFmpegError, ValueError) as error:
        _tell("unsafe", f"its streams cannot be copied ({type(error).__name__})")
    else:
        _tell("done", {"encoded": splicer.encoded, "copied": splicer.copied})


if __name__ == "__main__":
    main(SpliceRequest.from_json(Path(sys.argv[1]).read_text()))
