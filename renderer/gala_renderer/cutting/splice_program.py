"""Copy frames of H.264 videos into one MP4 file, re-encoding only those around the cuts.

Run as a separate program through :mod:`gala_renderer.sandbox.runner`, because it decodes untrusted
bytes: ``python -I splice_program.py <request.json>``. The end of its standard input signals that
the request's sound file is complete; see :mod:`gala_renderer.cutting.splice_request`. It prints
``{"progress": …}`` lines, then ``{"done": {"encoded": …, "copied": …}}``, counted in frames, or
``{"unsafe": "<why>"}`` if splicing these streams would not play correctly in every player.
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

from gala.garbage_collection import paused

with paused():
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

_MIN_TICKS = 10_000
"""The minimum MP4 time scale, in ticks per second; the muxer would raise a lower one."""
_PROGRESS_STEP = 0.01
_ENCODING_COSTS = 30
"""The time to encode one frame, in copied frames."""


class Splicer:
    """Assembles one output file."""

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
        first_source = self._sources[0]
        if any(source.box != first_source.box for source in self._sources):
            raise UnsupportedStream("the clips were encoded with different settings")
        self._encoding: Encoding | None = None
        if self.encoded:
            reordered = self._delay > 0
            self._encoding = Encoding(
                first_source.stream, first_source.sets, request, reordered=reordered
            )
            self._delay = max(self._delay, REORDERED * reordered)

    def write(self, target: OutputContainer) -> None:
        """Write all tracks, interleaved by time."""
        video = self._add_video_stream(target)
        tracks = [self._pictures(video)]
        if self._request.sound is not None:
            sys.stdin.read()
            tracks.append(own_sound(self._request.sound, self._request, target))
        elif self._request.copy_sound:
            tracks.append(self._copied_sound(target))
        for packet in heapq.merge(*tracks, key=_decoded_at):
            target.mux(packet)

    def _add_video_stream(self, target: OutputContainer) -> VideoStream:
        first_source = self._sources[0]
        video = target.add_stream_from_template(first_source.stream)
        sets = (
            first_source.sets.joined(self._encoding.sets) if self._encoding else first_source.sets
        )
        video.codec_context.extradata = sets.box()
        video.time_base = self._base
        return video

    @property
    def _ticks(self) -> int:
        """The duration of a frame in ticks of the target."""
        rate = self._request.rate
        return rate.denominator * -(-_MIN_TICKS // rate.numerator)

    @property
    def _base(self) -> Fraction:
        return 1 / (self._request.rate * self._ticks)

    def _copied_sound(self, target: OutputContainer) -> Iterator[Packet[Any]]:
        ((first, last),) = self._request.clips[0].frames
        source = self._sources[0]
        begin, end = source.time_of(first), source.time_of(last + 1)
        return copied_sound(self._request.clips[0], self._request, target, begin, end)

    def _pictures(self, video: VideoStream) -> Iterator[Packet[Any]]:
        done, at, reported = 0, 0, 0.0
        whole = self.encoded * _ENCODING_COSTS + self.copied
        for source, stretch in self._stretches:
            for part in stretch.parts:
                costs = _ENCODING_COSTS if isinstance(part, Encoded) else 1
                for order, (packet, shown) in enumerate(self._part(source, stretch, part)):
                    packet.stream, packet.time_base = video, self._base
                    packet.pts = (at + shown) * self._ticks
                    packet.dts = (at + order - self._delay) * self._ticks
                    packet.duration = self._ticks
                    yield packet
                    done += costs
                    if done / whole >= reported + _PROGRESS_STEP:
                        reported = done / whole
                        _print_event("progress", round(reported, 4))
                at += part.frames

    def _part(
        self, source: Source, stretch: Stretch, part: Encoded | Copied
    ) -> Iterator[tuple[Packet[Any], int]]:
        """Yield the packets of a part, each with its display index within the part."""
        if isinstance(part, Copied):
            for at, packet in enumerate(source.copied(stretch, part), part.start):
                yield packet, stretch.samples[at].shown - part.first
            return
        assert self._encoding is not None  # noqa: S101 - set in `__init__` if anything is encoded
        yield from self._encoding.packets(source.decoded(stretch, part))


def _decoded_at(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _print_event(what: str, value: Any) -> None:
    print(json.dumps({what: value}), flush=True)  # noqa: T201 - read by the parent process


def main(path: str) -> None:
    """Carry out the splice request of a file."""
    request = SpliceRequest.from_json(Path(path).read_text())
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    try:
        with ExitStack() as files:
            splicer = Splicer(request, files)
            with av.open(request.target, "w", format="mp4", options=options) as target:
                splicer.write(target)
    except UnsupportedStream as error:
        _print_event("unsafe", str(error))
    except (FFmpegError, ValueError) as error:
        _print_event("unsafe", f"its streams cannot be copied ({type(error).__name__})")
    else:
        _print_event("done", {"encoded": splicer.encoded, "copied": splicer.copied})


if __name__ == "__main__":
    main(*sys.argv[1:])
